import { invalid } from "./failure.ts";

/**
 * DEFAULT_BUCKETS are for durations of requests, in seconds.
 * Source: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
 */
export const DEFAULT_BUCKETS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** exponentialBuckets are count upper bounds, each factor times the one before: (0.001, 2, 4) is 1, 2, 4 and 8 ms. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  if (!(start > 0) || !(factor > 1)) throw invalid(`buckets from ${start} by ${factor}: they must grow from above 0`);
  return Array.from({ length: count }, (_, i) => start * factor ** i);
}

/** boundsOf checks the bounds of a metric: finite, ascending, 1 to 200. @internal */
export function boundsOf(name: string, buckets: readonly number[]): Float64Array {
  const ascending = buckets.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > buckets[i - 1]!));
  if (ascending && buckets.length >= 1 && buckets.length <= 200) return Float64Array.from(buckets);
  throw invalid(`${name}: there must be 1 to 200 buckets, finite and ascending, not ${buckets.join(", ")}`);
}

/** powersOfTwo are those that a range lies between, at most 100. @internal */
export function powersOfTwo(name: string, [least, greatest]: readonly [number, number] = [0.001, 10]): number[] {
  const from = Math.floor(Math.log2(least));
  const to = Math.ceil(Math.log2(greatest));
  if (least > 0 && greatest >= least && to - from < 100) {
    return Array.from({ length: to - from + 1 }, (_, i) => 2 ** (from + i));
  }
  throw invalid(`${name}: range must be from above 0 to no more than 2^99 times that, not ${least} to ${greatest}`);
}
