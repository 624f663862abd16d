import { type TaskState, recordSites, running, siteOf } from "../runtime/registry.ts";

/** RunningTask describes a task that has not ended. */
export interface RunningTask {
  readonly name: string;
  /**
   * state is "waiting" when something waits on the task's own context (a receive, a lock, a sleep), "canceled" when
   * that has ended and the task has not, and "running" otherwise, which includes waiting for foreign code.
   */
  readonly state: TaskState;
  /** waits says what the task waits for, "to receive from a channel", if the toolkit knows it. */
  readonly waits: string | undefined;
  readonly ageMs: number;
  /** startedBy is the stack of the call that started it, if that was recorded: see recordSpawns. */
  readonly startedBy: string | undefined;
}

/** runningTasks lists the tasks that have not ended, oldest first: what a shutdown that takes too long waits for. */
export function runningTasks(): RunningTask[] {
  const now = performance.now();
  return running().map((entry) => ({
    name: entry.name,
    state: entry.state,
    waits: entry.waits,
    ageMs: now - entry.startedAt,
    startedBy: siteOf(entry),
  }));
}

/** recordSpawns says whether tasks remember where they were started, for debugging: it costs some 3 µs a task. */
export function recordSpawns(on: boolean): void {
  recordSites(on);
}
