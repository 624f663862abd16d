import type { RunningTask } from "../task/index.ts";
import { formatDuration } from "../time/index.ts";

/** describeTasks names tasks with their ages: "reader (2m5s), poller (300ms)". */
export function describeTasks(tasks: readonly RunningTask[]): string {
  if (tasks.length === 0) return "any task";
  const shown = tasks.slice(0, 20).map((task) => `${task.name} (${formatDuration(Math.round(task.ageMs))})`);
  if (tasks.length > shown.length) shown.push(`${tasks.length - shown.length} more`);
  return shown.join(", ");
}

/** whatKeepsAlive counts what keeps the process from ending: "2 Timeout, 1 TCPSocketWrap". */
export function whatKeepsAlive(): string {
  const counts = Map.groupBy(process.getActiveResourcesInfo(), (kind) => kind);
  return [...counts].map(([kind, members]) => `${members.length} ${kind}`).join(", ") || "nothing known";
}
