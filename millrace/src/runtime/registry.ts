import { rt } from "./hook.ts";

/** TaskState is what a task is doing: running its own code or waiting for foreign code, waiting here, or told to end. */
export type TaskState = "running" | "waiting" | "canceled";

/** TaskEntry is a running task as the registry knows it: in an intrusive list, so that entering costs no allocation. */
export interface TaskEntry {
  readonly name: string;
  /** startedAt is when the task was started, in whole milliseconds on the clock of performance.now(). */
  readonly startedAt: number;
  readonly state: TaskState;
  /** waits says what it waits for, to a reader, if that is known. */
  readonly waits: string | undefined;
  older: TaskEntry | null;
  newer: TaskEntry | null;
}

// The tasks are the process's, as goroutines are, so this is the process's too.
let newest: TaskEntry | null = null;
let sites: WeakMap<TaskEntry, string> | null = null;

// Taken when the module loads: a test that mocks timers must not stop the clock.
const turn = setImmediate;
let now: number | null = null;

/**
 * stamp is the time for startedAt. The clock is read once in a turn of the event loop: a read costs 60 ns, a tenth of
 * a task, and who looks at ages does not ask for more.
 */
export function stamp(): number {
  if (now !== null) return now;
  // Where a test controls the time, turns of the event loop are no measure.
  if (rt !== null) return Math.trunc(performance.now());
  turn(forget);
  // Whole milliseconds: a number with a fraction would be one more object for each task.
  return (now = Math.trunc(performance.now()));
}

function forget(): void {
  now = null;
}

/** enter puts a task on the list of running tasks. */
export function enter(entry: TaskEntry): void {
  entry.older = newest;
  if (newest !== null) newest.newer = entry;
  newest = entry;
  if (sites !== null) sites.set(entry, site());
  if (rt !== null) rt.spawned(entry);
}

/** leave takes a task off the list, if it is there. */
export function leave(entry: TaskEntry): void {
  const { older, newer } = entry;
  // A test that has given up on a task has taken it off before it ended.
  if (!isRunning(entry)) return;
  if (newer === null) newest = older;
  else newer.older = older;
  if (older !== null) older.newer = newer;
  entry.older = entry.newer = null;
}

/** isRunning says whether a task is on the list. */
export function isRunning(entry: TaskEntry): boolean {
  return entry.newer !== null || entry === newest;
}

/** running lists the tasks that have not ended, oldest first. */
export function running(): TaskEntry[] {
  const entries: TaskEntry[] = [];
  for (let entry = newest; entry !== null; entry = entry.older) entries.push(entry);
  return entries.toReversed();
}

/** recordSites says whether tasks that start from now on remember where: 3 µs and some 500 bytes for each. */
export function recordSites(on: boolean): void {
  sites = on ? (sites ?? new WeakMap()) : null;
}

/** recordingSites says whether they do at present. */
export function recordingSites(): boolean {
  return sites !== null;
}

/** siteOf is the stack of the call that started a task, innermost first, if it was recorded. */
export function siteOf(entry: TaskEntry): string | undefined {
  return sites?.get(entry);
}

function site(): string {
  const holder: { stack?: string } = {};
  // Everything above and including this function is the registry's business and not the caller's.
  Error.captureStackTrace(holder, enter);
  return (holder.stack ?? "").slice((holder.stack ?? "").indexOf("\n") + 1);
}
