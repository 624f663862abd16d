import type { Site } from "../explore/site.ts";
import { type Clock, type Moment, type Sync, knows } from "./moment.ts";

/** Access is a read or a write of a location, with what came before it then. */
export interface Access {
  readonly moment: Moment;
  readonly all: Clock;
  readonly firm: Clock;
  /** at counts the accesses of a run, in their order. */
  readonly at: number;
  /** whole says of a write that the same segment has read before: nothing could come between. */
  readonly whole: boolean;
  readonly site: Site | undefined;
  readonly sync: Sync | undefined;
}

/** RaceKind is what is wrong with two accesses that nothing orders. */
export type RaceKind = "stale write" | "inconsistent read" | "dirty read" | "unordered read" | "unordered write";

/** Race is accesses of a location that nothing orders. */
export interface Race {
  readonly kind: RaceKind;
  readonly location: string;
  /** first is what the task had done before, if that matters: the read that a write is based on. */
  readonly first: Access | undefined;
  readonly access: Access;
  /** remote is the other task's access. */
  readonly remote: Access;
}

// Of each kind: a task that sleeps longer than that, while others come and go, may be forgotten.
const MAX_KEPT = 16;

interface Pair {
  readonly read: Access;
  readonly write: Access;
}

/** Location is a field, or a group of them, and the last 16 segments that have read it, and that have written it. */
export class Location {
  readonly name: string;
  readonly #reads: Access[] = [];
  readonly #writes: Access[] = [];
  // A task's read, and its write that was based on that read.
  readonly #pairs: Pair[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** isKnown says that this moment has read, or written, since it came after anything else: once is enough. */
  isKnown(moment: Moment, write: boolean): boolean {
    const written = this.#writes.at(-1);
    if (written?.moment === moment) return true;
    const read = this.#reads.at(-1);
    return !write && read?.moment === moment && read.all === moment.all;
  }

  /** hasRead says whether the moment has read it. */
  hasRead(moment: Moment): boolean {
    return this.#reads.at(-1)?.moment === moment;
  }

  /** read keeps a read, and gives what it races with if that counts. */
  read(access: Access, strict: boolean): Race | undefined {
    const race = strict ? this.#unordered(access) : undefined;
    keep(this.#reads, access);
    return race;
  }

  /** write keeps a write, and gives what it races with. */
  write(access: Access, strict: boolean): Race | undefined {
    let race = this.#staleBefore(access);
    if (!access.whole) race = this.#staleNow(access) ?? race;
    if (strict) race ??= this.#conflict(access);
    keep(this.#writes, access);
    return race;
  }

  // Somebody's read and write around which this write may come.
  #staleBefore(remote: Access): Race | undefined {
    const pair = this.#pairs.find(({ write }) => isApart(write, remote));
    return pair && { kind: "stale write", location: this.name, first: pair.read, access: pair.write, remote };
  }

  // A write based on the last that its task has read, unless the task has written since.
  #staleNow(write: Access): Race | undefined {
    const { own } = write.moment;
    let race: Race | undefined;
    const mine = (past: Access): boolean => past.moment !== write.moment && knows(own, write.moment, past.moment);
    const accesses = [...this.#reads, ...this.#writes].filter(mine);
    for (const read of this.#reads.filter(mine)) {
      if (accesses.some((later) => later.at > read.at && knows(later.moment.own, later.moment, read.moment))) continue;
      keep(this.#pairs, { read, write });
      const remote = this.#writes.find((other) => isApart(other, read) && !isBetween(read, other, write));
      if (remote !== undefined)
        race ??= { kind: "stale write", location: this.name, first: read, access: write, remote };
    }
    return race;
  }

  #unordered(read: Access): Race | undefined {
    const remote = this.#writes.find((write) => isApart(write, read));
    if (remote === undefined) return undefined;
    const first = this.#reads.findLast(
      ({ moment }) => moment !== read.moment && knows(read.moment.own, read.moment, moment),
    );
    const kind = first === undefined ? "unordered read" : "inconsistent read";
    return { kind, location: this.name, first, access: read, remote };
  }

  #conflict(write: Access): Race | undefined {
    const { name: location } = this;
    const other = this.#writes.find((past) => isApart(past, write) && !(past.whole && write.whole));
    if (other !== undefined)
      return { kind: "unordered write", location, first: undefined, access: write, remote: other };
    const remote = this.#reads.find(
      (past) => isApart(past, write) && !this.#writes.some((w) => w.moment === past.moment),
    );
    if (remote === undefined) return undefined;
    const first = this.#writes.findLast(
      (past) => knows(write.moment.own, write.moment, past.moment) && past.at < remote.at,
    );
    return { kind: first === undefined ? "unordered read" : "dirty read", location, first, access: write, remote };
  }
}

// Nothing says that the first comes before the second, which was later in this run.
function isApart(first: Access, second: Access): boolean {
  return first.moment !== second.moment && !knows(second.all, second.moment, first.moment);
}

// In every schedule it comes after the one and before the other: it is part of the same task, or waited for by it.
function isBetween(first: Access, middle: Access, last: Access): boolean {
  return knows(middle.firm, middle.moment, first.moment) && knows(last.firm, last.moment, middle.moment);
}

function keep<T>(list: T[], item: T): void {
  if (list.length === MAX_KEPT) list.shift();
  list.push(item);
}
