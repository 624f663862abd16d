import { type ChildProcess, fork } from "node:child_process";
import type { Kernel } from "./kernel.ts";
import type { Measured, Size } from "./measure.ts";
import type { Order } from "./worker.ts";

const WORKERS = 2;

/** runCorpus measures kernels in two processes and gives the results by number; `done` is called with each. */
export async function runCorpus(
  kernels: readonly Kernel[],
  size: Size,
  done: (measured: Measured) => void = () => undefined,
): Promise<Measured[]> {
  const queue = [...kernels];
  const results: Measured[] = [];
  const work = async (): Promise<void> => {
    // The baselines have rejections that are handled late.
    const execArgv = [...process.execArgv, "--disable-warning=PromiseRejectionHandledWarning"];
    const worker = fork(new URL("worker.ts", import.meta.url), { execArgv });
    try {
      for (let kernel = queue.shift(); kernel !== undefined; kernel = queue.shift()) {
        const order: Order = { id: kernel.id, size };
        worker.send(order);
        const measured = await answer(kernel, worker);
        results.push(measured);
        done(measured);
      }
    } finally {
      worker.kill();
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return results.toSorted((a, b) => a.id - b.id);
}

async function answer(kernel: Kernel, worker: ChildProcess): Promise<Measured> {
  const { promise, resolve, reject } = Promise.withResolvers<Measured>();
  const onExit = (code: number | null): void =>
    reject(new Error(`corpus: the worker ended with ${code} in the kernel "${kernel.name}"`));
  // It sends nothing else.
  worker.once("message", (message) => resolve(message as Measured)).once("exit", onExit);
  try {
    return await promise;
  } finally {
    worker.off("exit", onExit);
  }
}
