import { running } from "../runtime/registry.ts";

/** RunningTask describes a task that has not ended. */
export interface RunningTask {
  readonly name: string;
  readonly ageMs: number;
}

/** runningTasks lists the tasks that have not ended, oldest first: what a shutdown that takes too long waits for. */
export function runningTasks(): RunningTask[] {
  const now = performance.now();
  return running()
    .map((entry) => ({ name: entry.name, ageMs: now - entry.startedAt }))
    .toReversed();
}
