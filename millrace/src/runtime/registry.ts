/** TaskEntry is a running task as the registry knows it: in an intrusive list, so that entering costs no allocation. */
export interface TaskEntry {
  readonly name: string;
  /** startedAt is when the task was started, on the clock of performance.now(). */
  readonly startedAt: number;
  before: TaskEntry | null;
  after: TaskEntry | null;
}

let first: TaskEntry | null = null;

/** enter puts a task on the list of running tasks. */
export function enter(entry: TaskEntry): void {
  entry.after = first;
  if (first !== null) first.before = entry;
  first = entry;
}

/** leave takes a task off the list; once per enter. */
export function leave(entry: TaskEntry): void {
  if (entry.before === null) first = entry.after;
  else entry.before.after = entry.after;
  if (entry.after !== null) entry.after.before = entry.before;
  entry.before = entry.after = null;
}

/** running lists the tasks that have not ended, newest first. */
export function running(): TaskEntry[] {
  const entries: TaskEntry[] = [];
  for (let entry = first; entry !== null; entry = entry.after) entries.push(entry);
  return entries;
}
