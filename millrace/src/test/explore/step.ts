import type { Moment } from "../race/moment.ts";
import type { Link } from "../race/order.ts";
import type { Flow, Held } from "../deadlocks/holding.ts";
import type { Site } from "./site.ts";

/**
 * Chain is a line of segments of which each happens after the one before: what a reader would call a task. A program
 * that awaits one thing after the other is one chain; Promise.all of two calls makes a second.
 */
export interface Chain {
  readonly id: number;
  /** last is the segment that was claimed last. */
  last: Segment;
  /** site is where the chain began, if that was recorded: its task is what a reader calls the chain. */
  site: Site | undefined;
}

/** Segment is what runs without interruption, from one resumption to the next: nothing can come between. */
export interface Segment extends Flow {
  readonly chain: Chain;
  /** seq is its place in its chain, from 1. */
  readonly seq: number;
  /** origin is where the wait began, settler where what it waited for was done; null for the first of all. */
  readonly origin: Segment | null;
  readonly settler: Segment | null;
  /** held is the locks that the code holds which awaits one thing after the other up to here. */
  held: Held | null;
  /** locked says that it goes on because it was handed a lock. */
  locked: boolean;
  /** task is the name of the task of `go` that it belongs to. */
  task: string | undefined;
  /** moment is what the race detector knows of it. */
  moment: Moment | undefined;
}

/** taskOf is who runs a segment, to a reader. */
export function taskOf({ task, chain }: Segment, site?: Site): string {
  // Functions without a name have "".
  return task ?? [site?.task, chain.site?.task].find(Boolean) ?? (chain.id === 1 ? "main" : `task ${chain.id}`);
}

/** Kind is what a step resumes: an `await`, a callback of `then`, a timer, a microtask, or what comes from outside. */
export type Kind = "await" | "then" | "timer" | "microtask" | "start";

/** Step is a segment that may run now. */
export interface Step {
  readonly kind: Kind;
  readonly segment: Segment;
  readonly go: () => void;
  readonly site: Site | undefined;
  /** lane is what keeps its steps in order, if anything does. */
  readonly lane: object | undefined;
  /** number counts the steps of a run in the order in which they became ready. */
  readonly number: number;
  /** links is what it comes after beside its origin, where races are looked for. */
  readonly links: readonly Link[] | undefined;
}

/** Pending is an await that has not been resumed. */
export interface Pending {
  readonly segment: Segment;
  readonly site: Site | undefined;
}

/** Chains makes segments. A segment takes up a chain whose end it comes after, so that there are few of them. */
export class Chains {
  #count = 0;
  /** root is the segment that the program starts in. */
  readonly root: Segment = this.#fork(null, null);

  /** next is the segment that comes after the two. */
  next(origin: Segment, settler: Segment): Segment {
    for (const before of [origin, settler]) {
      const { chain } = before;
      if (chain.last === before) return (chain.last = segment(chain, before.seq + 1, origin, settler));
    }
    return this.#fork(origin, settler);
  }

  #fork(origin: Segment | null, settler: Segment | null): Segment {
    // The two refer to each other.
    const chain = { id: ++this.#count, site: undefined } as unknown as Chain;
    return (chain.last = segment(chain, 1, origin, settler));
  }
}

function segment(chain: Chain, seq: number, origin: Segment | null, settler: Segment | null): Segment {
  return { chain, seq, origin, settler, held: null, locked: false, task: undefined, moment: undefined };
}
