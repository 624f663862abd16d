/** LeakKind is what was left: see Leak. */
export type LeakKind = "task" | "wait" | "lock" | "context" | "ticker" | "timer" | "listener";

/**
 * Leak is something that a test has begun and not ended: a task of `go`, a wait that is no task's, a lock that is held, a
 * context or ticker whose timer is set, another timer, a listener of the toolkit's on an AbortSignal.
 */
export interface Leak {
  readonly kind: LeakKind;
  /** name is that of a task, or what it is. */
  readonly name: string;
  /** state is what it does: "waits to receive from a channel". */
  readonly state: string;
  /** at is where it waits, innermost first, if that is known. */
  readonly at: readonly string[];
  /** from is where it was started, innermost first. */
  readonly from: readonly string[];
  /** thing is the thing itself. */
  readonly thing: object;
}

/** Ignore says which leaks are none: of a name, with a function that started it, or with a function anywhere in its stacks. */
export interface Ignore {
  readonly name?: string;
  readonly createdBy?: string;
  readonly frame?: string;
}

// More than this nobody reads.
const MAX_LEAKS = 20;

/** LeakError is what leaks are reported with. */
export class LeakError extends Error {
  override readonly name = "LeakError";
  /** leaks is what was left. */
  readonly leaks: readonly Leak[];

  /** @internal */
  constructor(leaks: readonly Leak[]) {
    const count = leaks.length === 1 ? "1 thing is" : `${leaks.length} things are`;
    super(`leaks: ${count} left${describe(leaks)}`);
    this.leaks = leaks;
  }
}

/** describe is leaks as lines, and what to do about them. */
export function describe(leaks: readonly Leak[]): string {
  if (leaks.length === 0) return "";
  const lines = leaks.slice(0, MAX_LEAKS).map(line);
  const rest = leaks.length - lines.length;
  const more = rest > 0 ? `\n  … and ${rest} more` : "";
  const advice = [...new Set(leaks.map(({ kind }) => ADVICE[kind]))].map((text) => `\n${text}`);
  return `${lines.join("")}${more}${advice.join("")}`;
}

/** isIgnored says whether a leak is none. */
export function isIgnored({ name, at, from }: Leak, ignore: readonly Ignore[]): boolean {
  return ignore.some(
    (rule) =>
      (rule.name === undefined || rule.name === name) &&
      (rule.createdBy === undefined || (from[0] !== undefined && functionOf(from[0]) === rule.createdBy)) &&
      (rule.frame === undefined || [...at, ...from].some((frame) => functionOf(frame) === rule.frame)) &&
      Object.keys(rule).length > 0,
  );
}

const ADVICE: Readonly<Record<LeakKind, string>> = {
  task: "A task ends when its function returns: cancel its context, or await it with `await using task = go(…)`.",
  wait: "A wait ends with its context: cancel that, or give the wait what it waits for.",
  lock: "A lock is released by its guard: `using guard = await lock(ctx)`, or withLock.",
  context: "A context with a timer is ended by `using ctx = withTimeout(…)`, or by cancel.",
  ticker: "A ticker is stopped by `using`.",
  timer: "A timer ends with clearTimeout or clearInterval.",
  listener: "A listener on a signal is taken off when the context ends: `using ctx = fromSignal(…)`.",
};

const FROM: Partial<Readonly<Record<LeakKind, string>>> = {
  task: "started at",
  lock: "taken at",
  context: "made at",
  ticker: "made at",
  listener: "added at",
};

function line({ kind, name, state, at, from }: Leak): string {
  const head = kind === "task" ? `task ${name}: ${state}` : `${name}: ${state}`;
  return `\n  ${head}${place("at", at)}${place(FROM[kind] ?? "set at", from)}`;
}

function place(word: string, frames: readonly string[]): string {
  return frames.length === 0 ? "" : `\n    ${word} ${frames.join("\n      from ")}`;
}

// "async Store.open (store.ts:1:2)", "at new Store (…)", "store.ts:1:2".
function functionOf(frame: string): string {
  return /^(?:async )?(?:new )?(\S+).* \(/.exec(frame)?.[1] ?? "";
}
