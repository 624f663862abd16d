import { type TaskState, running } from "../runtime/registry.ts";
import type { Registry } from "./registry.ts";

const STATES: readonly TaskState[] = ["running", "waiting", "canceled"];

/** runtimeTasks registers the tasks of the process by state. @internal */
export function runtimeTasks(registry: Registry): void {
  const tasks = registry.gaugeVec("millrace_tasks", {
    help: "Tasks that have not ended: running code of their own or foreign code, waiting, or told to end.",
    labels: ["state"],
  });
  for (const state of STATES) {
    tasks.labels({ state }).readFrom(() => running().filter((task) => task.state === state).length);
  }
}
