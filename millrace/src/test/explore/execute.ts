import { drain, nextTurn } from "./drain.ts";
import { outstanding, turning } from "./kit.ts";
import { fault } from "./fault.ts";
import type { Body, Run } from "./run.ts";

/** execute runs a program to its end, or to its fault. Microtasks are drained from the event loop, so this takes a turn of it. */
export function execute<R>(run: Run<R>, body: Body<R>): Promise<void> {
  return new Promise((resolve, reject) => {
    // Before the time moves, there has been a turn that brought nothing.
    let quietAt = -1;
    const busy = (): boolean => {
      if (outstanding(run)) return true;
      if (!turning(run)) return false;
      const turned = quietAt === run.steps;
      quietAt = turned ? -1 : run.steps;
      return !turned;
    };
    const pump = (): void => {
      const restore = takeRejections((err) => run.fail(fault("unhandled", err)));
      try {
        if (run.pump(drain, busy)) {
          run.watch.close();
          resolve();
        } else nextTurn(pump);
      } catch (err) {
        run.watch.close();
        reject(err);
      } finally {
        restore();
      }
    };
    nextTurn(() => {
      run.begin(body);
      pump();
    });
  });
}

// While a run is pumped, nothing else runs: what is rejected unhandled is the run's, and no business of the test runner.
function takeRejections(take: (err: unknown) => void): () => void {
  const before = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", take);
  return () => {
    process.removeListener("unhandledRejection", take);
    for (const listener of before) process.on("unhandledRejection", listener);
  };
}
