import { checkCount, checkNumber } from "./check.ts";

// Sorting them anew for each question would cost more than what is asked for.
const RECOMPUTE_EVERY = 16;

/** Latencies remembers how long the last calls took, so that a hedge knows what is slow. */
export class Latencies {
  readonly #ring: Float64Array;
  #count = 0;
  #asked = new Map<number, { readonly at: number; readonly ms: number }>();

  /** size is how many calls are remembered. */
  constructor(size: number = 256) {
    checkCount("latencies: size", size, 1);
    this.#ring = new Float64Array(size);
  }

  /** record adds a call. */
  record(ms: number): void {
    this.#ring[this.#count++ % this.#ring.length] = ms;
  }

  /**
   * percentile is how long a part of the calls took at most, 0.95 for all but the slowest twentieth; undefined before
   * there are 20 calls. It may lag behind by 16 calls.
   */
  percentile(p: number): number | undefined {
    checkNumber("latencies: percentile", p, 0, 1);
    if (this.#count < 20) return undefined;
    const known = this.#asked.get(p);
    if (known !== undefined && this.#count - known.at < RECOMPUTE_EVERY) return known.ms;
    const sorted = this.#ring.subarray(0, Math.min(this.#count, this.#ring.length)).toSorted();
    const ms = sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]!;
    this.#asked.set(p, { at: this.#count, ms });
    return ms;
  }
}
