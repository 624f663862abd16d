import { type Site, placeOf } from "./site.ts";
import { type Pending, taskOf } from "./step.ts";

/**
 * FaultKind is what went wrong: the program threw or rejected, a promise was rejected and nobody handled it, everything
 * waits for something that cannot come, an await was left waiting at the end, it went on for ever, two tasks raced.
 */
export type FaultKind = "failed" | "unhandled" | "deadlock" | "leak" | "livelock" | "race";

/** Fault is how a run ended badly. */
export interface Fault {
  readonly kind: FaultKind;
  /** error is what the program threw, or what the test kit says. */
  readonly error: unknown;
  /** happened is false of a race that is only predicted: in this run nothing came in between. */
  readonly happened: boolean;
}

/** fault makes a fault; of a deadlock and a leak it says who waits where. */
export function fault(kind: FaultKind, error: unknown, left: readonly Pending[] = [], more: string = ""): Fault {
  return { kind, happened: true, error: error ?? new Error(`${HEADS[kind]}${left.map(waits).join("")}${more}`) };
}

const HEADS: Readonly<Record<FaultKind, string>> = {
  failed: "test: the program failed",
  unhandled: "test: a promise was rejected and nobody handled it",
  deadlock: "test: deadlock: all tasks are asleep",
  leak: "test: leak: left waiting at the end",
  livelock: "test: the program does not end",
  race: "test: race",
};

function waits({ segment, site }: Pending): string {
  return `\n  ${taskOf(segment, site)} waits${site === undefined || site.file === "" ? "" : ` at ${described(site)}`}`;
}

function described(site: Site): string {
  return site.caller === undefined ? placeOf(site) : `${placeOf(site.caller)}, in ${placeOf(site)}`;
}
