import type { Exemplar } from "./exemplar.ts";
import type { ExponentialData } from "./exponential-histogram.ts";

/** ClassicBucket is a bucket with a fixed upper bound, and what is in it and in none below it. @internal */
export interface ClassicBucket {
  readonly bound: number;
  readonly count: number;
  readonly exemplar: Exemplar | undefined;
}

/**
 * classicBuckets are the buckets of fixed, ascending bounds, and one without a bound, that an exponential histogram's make
 * up. It is exact for bounds that are powers of two: none of its buckets has one inside, as long as there is one for each
 * power. @internal
 */
export function classicBuckets(data: ExponentialData, bounds: readonly number[]): ClassicBucket[] {
  const { zeroCount, positive, negative, exemplars } = data;
  const limit = (index: number): number => 2 ** (index / 2 ** data.scale);
  // Ascending, so that which is farthest below 0 comes first.
  const buckets = [
    ...negative.counts.map((count, i) => ({ upper: -limit(negative.offset + i), count })).toReversed(),
    { upper: 0, count: zeroCount },
    ...positive.counts.map((count, i) => ({ upper: limit(positive.offset + i + 1), count })),
  ];
  let at = 0;
  return [...bounds, Infinity].map((bound, i) => {
    let count = 0;
    for (; at < buckets.length && buckets[at]!.upper <= bound; at++) count += buckets[at]!.count;
    const below = bounds[i - 1] ?? -Infinity;
    return { bound, count, exemplar: exemplars.findLast(({ value }) => value > below && value <= bound) };
  });
}
