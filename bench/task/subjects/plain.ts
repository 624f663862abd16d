import { runKernel } from "./kernels.ts";

// An async function that starts in a microtask, as a task does.
async function spawn<T>(fn: () => T | Promise<T>): Promise<T> {
  await Promise.resolve();
  return fn();
}

await runKernel({
  async spawnJoin(count) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += await spawn(async () => i);
    return sum;
  },
  async spawnJoinBatch(size) {
    const tasks: Promise<number>[] = [];
    for (let i = 0; i < size; i++) tasks.push(spawn(async () => i));
    let sum = 0;
    for (const task of tasks) sum += await task;
    return sum;
  },
  async block(count) {
    const parked: (() => void)[] = [];
    const tasks: Promise<void>[] = [];
    for (let i = 0; i < count; i++) {
      tasks.push(spawn(() => new Promise<void>((resolve) => void parked.push(resolve))));
      if (i % 1_000 === 999) await Promise.resolve();
    }
    await new Promise(setImmediate);
    return {
      waiting: () => parked.length,
      async release() {
        for (const resume of parked) resume();
        for (const task of tasks) await task;
        return tasks.length;
      },
    };
  },
});
