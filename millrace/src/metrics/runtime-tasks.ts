import { type TaskState, running } from "../runtime/registry.ts";
import type { Registry } from "./registry.ts";

const STATES: readonly TaskState[] = ["running", "waiting", "canceled"];

// What waits say to a reader begins with one of these; all else is "other".
const WAITS: Readonly<Record<string, readonly string[]>> = {
  receive: ["to receive from a channel"],
  send: ["to send on a channel"],
  select: ["for a case of a select"],
  lock: ["for the lock of", "for the reader's lock of", "for the writer's lock of"],
  semaphore: ["for tokens of"],
  sleep: ["for the end of a sleep"],
};

/** runtimeTasks registers the tasks of the process by state, and those that wait by what for. @internal */
export function runtimeTasks(registry: Registry): void {
  const tasks = registry.gaugeVec("millrace_tasks", {
    help: "Tasks that have not ended: running code of their own or foreign code, waiting, or told to end.",
    labels: ["state"],
  });
  for (const state of STATES) {
    tasks.labels({ state }).readFrom(() => running().filter((task) => task.state === state).length);
  }
  const waits = registry.gaugeVec("millrace_task_waits", {
    help: "Tasks that wait, by what for: a channel's receivers, senders and selects, locks, semaphores, sleeps.",
    labels: ["for"],
  });
  for (const kind of [...Object.keys(WAITS), "other"]) {
    waits.labels({ for: kind }).readFrom(() => running().filter((task) => kindOf(task.waits) === kind).length);
  }
}

function kindOf(waits: string | undefined): string | undefined {
  if (waits === undefined) return undefined;
  return Object.keys(WAITS).find((kind) => WAITS[kind]!.some((text) => waits.startsWith(text))) ?? "other";
}
