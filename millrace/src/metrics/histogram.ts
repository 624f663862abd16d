import { Exemplar } from "./exemplar.ts";

/**
 * Histogram counts observations by size, in buckets with fixed upper bounds. Keep it: an observation costs some
 * nanoseconds, the fewer the lower its bucket, and no allocation.
 */
export class Histogram {
  // Ascending, without the last one, infinity.
  readonly #bounds: Float64Array;
  // Of each bucket alone, not of those below it; one more than bounds. Doubles, which count to 2^53.
  readonly #counts: Float64Array;
  #sum = 0;
  // By bucket; there only when a trace id was ever given.
  #exemplars: (Exemplar | undefined)[] | undefined = undefined;

  /** @internal use registry.histogram */
  constructor(bounds: Float64Array) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /**
   * observe counts a value; NaN it does not count, because the sum would never be a number again. traceId is the trace
   * that this was part of: the last one of each bucket is shown, in OpenMetrics.
   */
  observe(value: number, traceId?: string): void {
    // oxlint-disable-next-line no-self-compare -- what NaN alone is not
    if (value !== value) return;
    const bounds = this.#bounds;
    const { length } = bounds;
    let i = 0;
    // Most of what is measured is in the lower buckets, and a branch that is guessed right costs nothing.
    while (i < length && value > bounds[i]!) i++;
    this.#counts[i]! += 1;
    this.#sum += value;
    if (traceId !== undefined) this.#trace(i, value, traceId);
  }

  /** sum is the sum of all observations. */
  get sum(): number {
    return this.#sum;
  }

  /** count is how many there were. */
  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** buckets are the upper bounds with the observations of each bucket alone, and the last exemplar. @internal */
  buckets(): { readonly bound: number; readonly count: number; readonly exemplar: Exemplar | undefined }[] {
    return Array.from(this.#counts, (count, i) => ({
      bound: this.#bounds[i] ?? Infinity,
      count,
      exemplar: this.#exemplars?.[i],
    }));
  }

  #trace(bucket: number, value: number, traceId: string): void {
    const exemplars = (this.#exemplars ??= Array.from<Exemplar | undefined>({ length: this.#counts.length }));
    (exemplars[bucket] ??= new Exemplar()).set(value, traceId);
  }
}
