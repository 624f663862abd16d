import { chan } from "millrace/chan";
import { background, withCancel } from "millrace/context";
import { type Task, go } from "millrace/task";
import { runKernel } from "./kernels.ts";

// As in a service, the tasks can be canceled from above: they are children of a context that can end.
const ctx = withCancel(background);

await runKernel({
  async spawnJoin(count) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += await go(ctx, async () => i);
    return sum;
  },
  async spawnJoinBatch(size) {
    const tasks: Task<number>[] = [];
    for (let i = 0; i < size; i++) tasks.push(go(ctx, async () => i));
    let sum = 0;
    for (const task of tasks) sum += await task;
    return sum;
  },
  async block(count) {
    const gate = chan<number>();
    let waiting = 0;
    const tasks: Task<unknown>[] = [];
    for (let i = 0; i < count; i++) {
      tasks.push(
        go(ctx, (ctx) => {
          waiting++;
          return gate.recv(ctx);
        }),
      );
      if (i % 1_000 === 999) await Promise.resolve();
    }
    await new Promise(setImmediate);
    return {
      waiting: () => waiting,
      async release() {
        gate.close();
        for (const task of tasks) await task;
        return tasks.length;
      },
    };
  },
});
