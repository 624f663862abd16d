import type { CtxNode } from "../context/node.ts";
import {
  type TaskEntry,
  type TaskState,
  isRunning,
  recordSites,
  recordingSites,
  running,
  siteOf,
} from "../runtime/registry.ts";
import { TaskNode } from "./task-node.ts";

/** RunningTask describes a task that has not ended. */
export interface RunningTask {
  /** id names the task for as long as it runs; it is given when the task is first listed. */
  readonly id: number;
  /** parent is the id of the nearest task above that has not ended: the one whose context this one's was made of. */
  readonly parent: number | undefined;
  /** within is the context that the task was started with, "background.request(GET /users/:id).withTimeout". */
  readonly within: string;
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
  const entries = running();
  // Ids follow the age of what is first listed together.
  for (const entry of entries) idOf(entry);
  return entries.map((entry) => ({
    id: idOf(entry),
    ...ownersOf(entry),
    name: entry.name,
    state: entry.state,
    waits: entry.waits,
    ageMs: now - entry.startedAt,
    startedBy: siteOf(entry),
  }));
}

/** recordingSpawns says whether tasks remember at present where they were started. */
export function recordingSpawns(): boolean {
  return recordingSites();
}

/** recordSpawns says whether tasks remember where they were started, for debugging: it costs some 3 µs a task. */
export function recordSpawns(on: boolean): void {
  recordSites(on);
}

// Beside the tasks and not in them: a task that nobody lists pays nothing for its number.
const ids = new WeakMap<TaskEntry, number>();
let lastId = 0;

function idOf(entry: TaskEntry): number {
  let id = ids.get(entry);
  if (id === undefined) ids.set(entry, (id = ++lastId));
  return id;
}

function ownersOf(entry: TaskEntry): { readonly parent: number | undefined; readonly within: string } {
  // Another kind of entry is a test's own.
  const up = entry instanceof TaskNode ? entry.up : null;
  for (let node: CtxNode | null = up; node !== null; node = node.up) {
    if (node instanceof TaskNode && isRunning(node)) return { parent: idOf(node), within: String(up) };
  }
  return { parent: undefined, within: String(up ?? "") };
}
