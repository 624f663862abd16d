import { type Flow, holdingOf, openOf } from "../deadlocks/holding.ts";
import { LockBook } from "../deadlocks/lock-book.ts";
import { stackHere } from "../leaks/stack.ts";
import { type Fault, fault } from "./fault.ts";
import type { RunOptions } from "./run.ts";
import { type Segment, taskOf } from "./step.ts";

// A search through more than this finds no report worth its time.
const MAX_SEGMENTS = 100_000;

/** Watched is the part of a run that its locks concern. */
interface Watched {
  readonly current: Segment;
  readonly locks: LockBook;
  fail(found: Fault): void;
}

/** locksOf is the book of a run's locks. A deadlock ends the run. */
export function locksOf(run: Watched, { sites, deadlocks }: RunOptions): LockBook {
  return new LockBook({
    flow: () => run.current,
    by: () => taskOf(run.current),
    stack: () => (sites ? stackHere() : null),
    // The flows of a run are its segments.
    ordered: (one, other) =>
      comesAfter(one as Segment, other as Segment) || comesAfter(other as Segment, one as Segment),
    found(err) {
      if (deadlocks || run.locks.strict > 0) run.fail(fault("deadlock", err));
    },
  });
}

/** handOn gives a segment what is held by the code that it continues, and the lock that this was waiting for. */
export function handOn(locks: LockBook, origin: Segment, segment: Segment, value: unknown): void {
  if (locks.held.size === 0) return;
  segment.held = openOf(origin.held);
  if (holdingOf(value) === undefined) return;
  segment.locked = true;
  locks.receive(segment, value);
}

// That one waited for the other to give a lock back is chance, and no order of the program.
function comesAfter(segment: Flow & Segment, other: Segment): boolean {
  const seen = new Set<Segment>([segment]);
  for (const each of seen) {
    if (each === other || seen.size > MAX_SEGMENTS) return true;
    if (each.origin !== null) seen.add(each.origin);
    if (each.settler !== null && !each.locked) seen.add(each.settler);
  }
  return false;
}
