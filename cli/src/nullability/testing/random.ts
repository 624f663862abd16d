/** Random is a source of choices that are the same for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** next is a number from 0 to just below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** below is a whole number from 0 to just below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** chance is true in one of `share` cases, 0.5 being every second. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** pick is one of several. */
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** times makes a few of something: at least `least`, at most `most`. */
  times<T>(least: number, most: number, make: (i: number) => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, (_, i) => make(i));
  }
}
