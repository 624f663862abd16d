import { type RunningTask, runningTasks } from "../task/index.ts";
import { formatDuration } from "../time/index.ts";

/** describeTasks names tasks with their ages and what they wait for: "reader (2m5s, waits to receive …), poller (3ms)". */
export function describeTasks(tasks: readonly RunningTask[]): string {
  if (tasks.length === 0) return "any task";
  const shown = tasks.slice(0, 20).map(describe);
  if (tasks.length > shown.length) shown.push(`${tasks.length - shown.length} more`);
  return shown.join(", ");
}

/** whereTaskWaits says what the running tasks of a name wait for. */
export function whereTaskWaits(name: string): string[] {
  return runningTasks()
    .filter((task) => task.name === name)
    .map((task) => (task.waits === undefined ? "runs, or waits for foreign code" : `waits ${task.waits}`));
}

/** whatKeepsAlive counts what keeps the process from ending: "2 Timeout, 1 TCPSocketWrap". */
export function whatKeepsAlive(): string {
  const counts = Map.groupBy(process.getActiveResourcesInfo(), (kind) => kind);
  return [...counts].map(([kind, members]) => `${members.length} ${kind}`).join(", ") || "nothing known";
}

function describe({ name, ageMs, waits }: RunningTask): string {
  const age = formatDuration(Math.round(ageMs));
  return `${name} (${waits === undefined ? age : `${age}, waits ${waits}`})`;
}
