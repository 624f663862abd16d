import type { Slot } from "./slot.ts";

// A message names only the longest holders.
const NAMED = 3;

/** describeHolders says how many connections are held and by whom, the longest first, and how many callers wait. @internal */
export function describeHolders(slots: readonly Slot[], maxConns: number, waiting: number): string {
  const now = performance.now();
  const held = slots.filter((slot) => slot.heldSince > 0).toSorted((a, b) => a.heldSince - b.heldSince);
  const named = held.slice(0, NAMED).map((slot) => slot.holding(now));
  if (held.length > named.length) named.push(`${held.length - named.length} more`);
  const list = named.length === 0 ? "" : `, held by ${named.join("; ")}`;
  return `${held.length} of ${maxConns} connections in use, ${waiting} waiting${list}`;
}
