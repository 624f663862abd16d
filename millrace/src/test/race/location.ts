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
  /** place is where a read was that found nothing. */
  readonly place: string | undefined;
  readonly site: Site | undefined;
  readonly sync: Sync | undefined;
}

/** KINDS is what may be wrong with accesses that nothing orders, the gravest first. */
export const KINDS = [
  "stale write",
  "double init",
  "inconsistent read",
  "dirty read",
  "unordered write",
  "unordered read",
] as const;

/** RaceKind is one of KINDS. */
export type RaceKind = (typeof KINDS)[number];

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

/** hasHappened says whether the other task's access did come in between in this run, and not only could have. */
export function hasHappened({ kind, first, access, remote }: Race): boolean {
  if (kind === "double init") return remote.at < access.at;
  return first === undefined || (first.at < remote.at && remote.at < access.at);
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

  // What is derived from the fields, as which there are, is read in passing: that nobody writes on the base of.
  readonly #isDerived: boolean;

  constructor(name: string, isDerived: boolean = false) {
    this.name = name;
    this.#isDerived = isDerived;
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

  /** initBefore is where a task found nothing, and then wrote what this moment may find or not. */
  initBefore(moment: Moment): { readonly read: Access; readonly write: Access } | undefined {
    return this.#pairs.find(
      ({ read, write }) =>
        read.place !== undefined && write.moment !== moment && !knows(moment.all, moment, write.moment),
    );
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
    if (!access.whole && !this.#isDerived) race = this.#staleNow(access) ?? race;
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
    let race: Race | undefined;
    const accesses = [...this.#reads, ...this.#writes].filter((past) => isEarlier(past, write));
    for (const read of this.#reads.filter((past) => isEarlier(past, write))) {
      if (accesses.some((later) => later.at > read.at && knows(later.moment.own, later.moment, read.moment))) continue;
      keep(this.#pairs, { read, write });
      const remote = this.#writes.find((other) => isApart(other, read) && !isBetween(read, other, write));
      if (remote !== undefined)
        race ??= { kind: "stale write", location: this.name, first: read, access: write, remote };
    }
    return race;
  }

  // What a read races with; a pair that is more telling comes first.
  #unordered(read: Access): Race | undefined {
    const remote = this.#writes.findLast((write) => isApart(write, read));
    return remote && this.#parted(read, remote, read, remote);
  }

  #conflict(write: Access): Race | undefined {
    const other = this.#writes.findLast((past) => isApart(past, write) && !(past.whole && write.whole));
    if (other !== undefined) {
      return { kind: "unordered write", location: this.name, first: undefined, access: write, remote: other };
    }
    // Of one that has read and written at once the write is what counts.
    const atOnce = new Set(this.#writes.map(({ moment }) => moment));
    const read = this.#reads.findLast((past) => isApart(past, write) && !atOnce.has(past.moment));
    return read && this.#parted(read, write, write, read);
  }

  // Says of a read and a write that nothing orders whether they part two accesses of the other task.
  #parted(read: Access, write: Access, access: Access, remote: Access): Race {
    const location = this.name;
    const readBefore = this.#reads.findLast(
      (past) => isEarlier(past, read) && !knows(past.all, past.moment, write.moment),
    );
    if (readBefore !== undefined)
      return { kind: "inconsistent read", location, first: readBefore, access: read, remote: write };
    const writtenBefore = this.#writes.findLast(
      (past) => isEarlier(past, write) && !knows(past.all, past.moment, read.moment),
    );
    if (writtenBefore !== undefined)
      return { kind: "dirty read", location, first: writtenBefore, access: write, remote: read };
    return { kind: "unordered read", location, first: undefined, access, remote };
  }
}

// It is what the same task did in an earlier segment.
function isEarlier(past: Access, access: Access): boolean {
  return past.moment !== access.moment && knows(access.moment.own, access.moment, past.moment);
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
