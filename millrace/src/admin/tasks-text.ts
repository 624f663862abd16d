import type { RunningTask } from "../task/index.ts";
import { formatDuration } from "../time/index.ts";
import type { Dump } from "./tasks.ts";

/** fullText is a dump for a person: each task below the one that started it, the oldest first. */
export function fullText(dump: Dump, max: number): string {
  const children = Map.groupBy(dump.tasks, (task) => task.parent);
  const listed = new Set<RunningTask>();
  // A stack and no recursion: a chain of tasks may be of any length.
  const next = (children.get(undefined) ?? []).toReversed().map((task) => ({ task, depth: 0 }));
  let body = "";
  for (let at = next.pop(); at !== undefined && listed.size < max; at = next.pop()) {
    const { task, depth } = at;
    listed.add(task);
    body += `\n${block(task, "  ".repeat(Math.min(depth, MAX_INDENT)))}`;
    for (const child of (children.get(task.id) ?? []).toReversed()) next.push({ task: child, depth: depth + 1 });
  }
  const more = dump.tasks.length - listed.size;
  return head(dump) + requests(dump) + body + (more === 0 ? "" : `\n… and ${more} more: ?debug=1 counts them\n`);
}

/** countedText is a dump with tasks that do the same in one entry, the most numerous first. */
export function countedText(dump: Dump): string {
  const groups = Map.groupBy(dump.tasks, (task) =>
    [task.name, doing(task), task.within, task.startedBy ?? ""].join("\n"),
  );
  const sorted = [...groups.values()].toSorted((a, b) => b.length - a.length);
  const entries = sorted.map((tasks) => {
    // A group has a member, and the oldest is the first.
    const [oldest, newest] = [tasks[0]!, tasks.at(-1)!];
    const ages = tasks.length === 1 ? age(oldest) : `${age(newest)} to ${age(oldest)}`;
    return `\n${tasks.length} × ${line(oldest.name)} [${doing(oldest)}, ${ages}]\n${below(oldest, "")}`;
  });
  return head(dump) + requests(dump) + entries.join("");
}

// Deeper ones are read by their parents' numbers.
const MAX_INDENT = 40;

function head({ tasks, requests, recordingSpawns }: Dump): string {
  const hint = recordingSpawns
    ? "tasks remember where they are started"
    : 'PUT {"recordSpawns":true} here, and tasks remember where they are started';
  return `${tasks.length} tasks, ${requests.length} requests in flight; ${hint}\n`;
}

function requests(dump: Dump): string {
  if (dump.requests.length === 0) return "";
  const lines = dump.requests.map(({ server, method, route, state, ageMs, requestId }) => {
    const what = `${method} ${route === "" ? "(no route)" : route}`;
    return `request ${line(server)} ${line(what)} [${state}, ${formatDuration(Math.round(ageMs))}] ${line(requestId)}\n`;
  });
  return `\n${lines.join("")}`;
}

function block(task: RunningTask, indent: string): string {
  const by = task.parent === undefined ? "" : `, started by ${task.parent}`;
  return `${indent}task ${task.id} ${line(task.name)} [${doing(task)}, ${age(task)}]${by}\n${below(task, indent)}`;
}

function below({ within, startedBy }: RunningTask, indent: string): string {
  const frames = startedBy === undefined ? [] : startedBy.split("\n").map((frame) => frame.trim());
  return [`in ${line(within)}`, ...frames].map((each) => `${indent}    ${each}\n`).join("");
}

function doing({ state, waits }: RunningTask): string {
  return waits === undefined ? state : `${state} ${waits}`;
}

function age({ ageMs }: RunningTask): string {
  return formatDuration(Math.round(ageMs));
}

// A name may be anybody's: it stays on its line.
function line(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
