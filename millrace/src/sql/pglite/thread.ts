import { Worker } from "node:worker_threads";
import { Failure } from "../../errors/index.ts";
import type { Task } from "./channel.ts";

/**
 * startThread starts the worker: worker.ts as it is beside the sources, worker.js in the package. It needs none of the
 * process's own flags, of which some (--import, --input-type) would do harm.
 */
export function startThread(task: Task): Worker {
  const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  return new Worker(new URL(file, import.meta.url), { workerData: task, execArgv: [], name: "millrace pglite" });
}

/** runTask runs a worker that ends by itself when its task is done. */
export function runTask(task: Task): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = startThread(task);
    let cause: unknown;
    worker.once("error", (err) => (cause = err));
    worker.once("exit", (code) => (code === 0 ? resolve() : reject(startFailure(task.dir, cause))));
  });
}

/** startFailure says that PostgreSQL did not start over a directory. */
export function startFailure(dir: string, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : "the worker ended";
  return new Failure(`sql: pglite: cannot start in ${dir}: ${why}`, {
    code: "failed_precondition",
    reason: "sql/pglite_start",
    cause,
  });
}
