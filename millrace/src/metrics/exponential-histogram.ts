import { Exemplar } from "./exemplar.ts";
import { ExponentialBuckets } from "./exponential-buckets.ts";
import { type ClassicBucket, classicBuckets } from "./exponential-classic.ts";
import { MAX_SCALE, indexOf } from "./exponential-index.ts";

/** ZERO_THRESHOLD is up to where a value counts as 0, 2^-128: that of Prometheus' own clients. @internal */
export const ZERO_THRESHOLD: number = 2 ** -128;

// How many powers of two have an exemplar of their own.
const OCTAVES = 16;

/** ExponentialData is what an exponential histogram has counted. @internal */
export interface ExponentialData {
  /** scale is how fine the buckets are: 2^scale of them for each power of two. */
  readonly scale: number;
  readonly count: number;
  readonly sum: number;
  readonly zeroCount: number;
  /** positive has the bucket i = offset + position for the values from above 2^(i/2^scale) to 2^((i+1)/2^scale). */
  readonly positive: { readonly offset: number; readonly counts: readonly number[] };
  /** negative has them for the values below 0, by what they are without their sign. */
  readonly negative: { readonly offset: number; readonly counts: readonly number[] };
  readonly exemplars: readonly Exemplar[];
}

/**
 * ExponentialHistogram counts observations by size in buckets that need no bounds: each is wider than the one before by
 * one factor, at most 160 of them from the least to the greatest value. They begin 0.27 % wide and double when they do not
 * suffice: from 1 ms to 1 s each is 4.4 % wide. Keep it: an observation costs some nanoseconds, and no allocation.
 */
export class ExponentialHistogram {
  #shift = 0;
  readonly #positive: ExponentialBuckets = new ExponentialBuckets();
  // There only when something below 0 was observed.
  #negative: ExponentialBuckets | undefined = undefined;
  #zeroCount = 0;
  #sum = 0;
  #exemplars: (Exemplar | undefined)[] | undefined = undefined;
  // For the formats that want them fixed: powers of two.
  readonly #bounds: readonly number[];

  /** @internal use registry.exponentialHistogram */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
  }

  /**
   * observe counts a value; NaN and infinity it does not count, which have no bucket. traceId is the trace that this was
   * part of: the last one for each power of two is shown.
   */
  observe(value: number, traceId?: string): void {
    if (value > ZERO_THRESHOLD && value < Infinity) {
      const index = indexOf(value);
      if (!this.#positive.add(index >> this.#shift)) this.#coarsen(this.#positive, index);
    } else if (Math.abs(value) <= ZERO_THRESHOLD) this.#zeroCount += 1;
    else if (value < 0 && value > -Infinity) this.#observeNegative(indexOf(-value));
    else return;
    this.#sum += value;
    if (traceId !== undefined) this.#trace(value, traceId);
  }

  /** sum is the sum of all observations. */
  get sum(): number {
    return this.#sum;
  }

  /** count is how many there were. */
  get count(): number {
    return this.data().count;
  }

  /** data is what has been counted. @internal */
  data(): ExponentialData {
    const positive = this.#positive.read();
    const negative = this.#negative?.read() ?? { offset: 0, counts: [] };
    const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
    return {
      scale: MAX_SCALE - this.#shift,
      count: total(positive.counts) + total(negative.counts) + this.#zeroCount,
      sum: this.#sum,
      zeroCount: this.#zeroCount,
      positive,
      negative,
      exemplars: (this.#exemplars ?? []).filter((exemplar) => exemplar !== undefined),
    };
  }

  /** buckets are what there would be with fixed bounds: the observations of each bucket alone. @internal */
  buckets(): ClassicBucket[] {
    return classicBuckets(this.data(), this.#bounds);
  }

  #observeNegative(index: number): void {
    this.#negative ??= new ExponentialBuckets();
    if (!this.#negative.add(index >> this.#shift)) this.#coarsen(this.#negative, index);
  }

  // Both sides have one scale.
  #coarsen(side: ExponentialBuckets, index: number): void {
    const shift = side.shiftFor(index >> this.#shift);
    this.#positive.coarsen(shift);
    this.#negative?.coarsen(shift);
    this.#shift += shift;
    side.add(index >> this.#shift);
  }

  #trace(value: number, traceId: string): void {
    const exemplars = (this.#exemplars ??= Array.from<Exemplar | undefined>({ length: OCTAVES }));
    const octave = (indexOf(Math.max(Math.abs(value), ZERO_THRESHOLD)) >> MAX_SCALE) & (OCTAVES - 1);
    (exemplars[octave] ??= new Exemplar()).set(value, traceId);
  }
}
