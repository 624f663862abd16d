import type { Site } from "../explore/site.ts";
import type { Segment } from "../explore/step.ts";

/** Clock says of each strand, by its number, how far it is known: a vector clock. It never changes, so it is shared. */
export type Clock = readonly number[];

/** Sync is what a segment did last to be ordered with others. */
export interface Sync {
  readonly did: string;
  readonly site: Site | undefined;
}

/**
 * Moment is a segment as the race detector sees it: its place on its strand, a line of segments of one task, and what
 * it comes after. It knows three pasts, each part of the one before. A whole segment is one moment, because nothing can
 * come between, but what it comes after may grow while it runs: whoever looks back keeps the clock as it was.
 */
export class Moment {
  readonly segment: Segment;
  readonly strand: number;
  readonly seq: number;
  /** all is everything that comes before. */
  all: Clock;
  /** firm is what comes before in every schedule: all, but for who had a lock first. */
  firm: Clock;
  /** own is what the same task has done: where its waits began, and what it has called or started, and waited for. */
  readonly own: Clock;
  sync: Sync | undefined = undefined;

  constructor(
    segment: Segment,
    place: { readonly strand: number; readonly seq: number },
    past: { readonly all: Clock; readonly firm: Clock; readonly own: Clock },
  ) {
    this.segment = segment;
    this.strand = place.strand;
    this.seq = place.seq;
    this.all = past.all;
    this.firm = past.firm;
    this.own = past.own;
  }

  /** follow makes the moment come after another one, in every schedule or in this one. */
  follow(other: Moment, firm: boolean): void {
    if (other === this) return;
    this.all = joined(this.all, other, other.all);
    if (firm) this.firm = joined(this.firm, other, other.firm);
  }
}

/** knows says whether a past, of a moment on some strand, includes a moment. */
export function knows(clock: Clock, at: Moment, past: Moment): boolean {
  return at.strand === past.strand ? past.seq <= at.seq : (clock[past.strand] ?? 0) >= past.seq;
}

/** joined is a clock that also knows a moment and its past: the same one if it does. */
export function joined(clock: Clock, moment: Moment, past: Clock): Clock {
  const { strand, seq } = moment;
  // The moment is over when somebody follows it, so whoever knows it knows its past.
  if ((clock[strand] ?? 0) >= seq) return clock;
  const length = Math.max(clock.length, past.length, strand + 1);
  const sum = Array.from<number>({ length });
  for (let i = 0; i < length; i++) sum[i] = Math.max(clock[i] ?? 0, past[i] ?? 0);
  sum[strand] = seq;
  return sum;
}
