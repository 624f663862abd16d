import type { Segment } from "../explore/step.ts";
import { type Clock, Moment, joined, knows } from "./moment.ts";

/** Link is something that a resumption comes after: in every schedule (firm), or only in those where a lock went so. */
export interface Link {
  readonly moment: Moment;
  readonly firm: boolean;
}

const NONE: Clock = [];

/** Order makes the moments of one run: what comes before what. */
export class Order {
  /** now is the moment that runs. */
  now: Moment;
  // The last moment of each strand.
  readonly #last: Moment[] = [];

  constructor(segment: Segment) {
    this.now = this.#fork(segment, NONE, NONE, NONE);
    segment.moment = this.now;
  }

  /** begin goes on to a segment, which comes after its origin and the links. What was before the first is not known. */
  begin(segment: Segment, links: readonly Link[]): Moment {
    const origin = segment.origin?.moment;
    const from = this.#isLast(origin) ? origin : undefined;
    let { all, firm, own } = origin ?? { all: NONE, firm: NONE, own: NONE };
    if (origin !== undefined && from === undefined) {
      all = joined(all, origin, all);
      firm = joined(firm, origin, firm);
      own = joined(own, origin, own);
    }
    let back: Moment | undefined;
    for (const { moment, firm: isFirm } of links) {
      if (moment === origin) continue;
      all = joined(all, moment, moment.all);
      if (!isFirm) continue;
      firm = joined(firm, moment, moment.firm);
      // It was called or started by this task.
      if (origin === undefined || !knows(moment.own, moment, origin)) continue;
      own = joined(own, moment, moment.own);
      if (this.#isLast(moment)) back = moment;
    }
    const line = from ?? back;
    this.now =
      line === undefined
        ? this.#fork(segment, all, firm, own)
        : new Moment(segment, { strand: line.strand, seq: line.seq + 1 }, { all, firm, own });
    this.#last[this.now.strand] = this.now;
    return (segment.moment = this.now);
  }

  /** meet goes on to a moment that comes after all that has run, as everything waits. */
  meet(segment: Segment): void {
    let all = NONE;
    for (const last of this.#last) all = joined(all, last, last.all);
    this.now = this.#fork(segment, all, all, NONE);
  }

  #isLast(moment: Moment | undefined): moment is Moment {
    return moment !== undefined && this.#last[moment.strand] === moment;
  }

  #fork(segment: Segment, all: Clock, firm: Clock, own: Clock): Moment {
    const moment = new Moment(segment, { strand: this.#last.length, seq: 1 }, { all, firm, own });
    this.#last.push(moment);
    return moment;
  }
}
