/** MetricOptions describe a metric. */
export interface MetricOptions {
  /** help says what it is, in a sentence. */
  readonly help: string;
  /** unit is what it is measured in, and how its name ends: "seconds", "bytes". Default: none. */
  readonly unit?: string;
}

/** VecOptions describe a metric with labels. */
export interface VecOptions<L extends string> extends MetricOptions {
  /** labels are their names, at least one. */
  readonly labels: readonly L[];
  /** maxSeries is how many sets of values have a series of their own; the rest share one. Default: 2,000. */
  readonly maxSeries?: number;
}

/** HistogramOptions describe a histogram. */
export interface HistogramOptions extends MetricOptions {
  /** buckets are the upper bounds, inclusive, ascending, at most 200. Default: 5 ms to 10 s, in seconds. */
  readonly buckets?: readonly number[];
}

/** HistogramVecOptions describe a histogram with labels. */
export interface HistogramVecOptions<L extends string> extends VecOptions<L>, HistogramOptions {}

/** ExponentialOptions describe a histogram whose buckets need no bounds. */
export interface ExponentialOptions extends MetricOptions {
  /**
   * range is what is expected, above 0, for the text formats, which want fixed bounds: they have buckets at the powers of
   * two from the least to the greatest, at most 100. What is counted is not bounded by it. Default: 0.001 to 10.
   */
  readonly range?: readonly [least: number, greatest: number];
}

/** ExponentialVecOptions describe such a histogram with labels. */
export interface ExponentialVecOptions<L extends string> extends VecOptions<L>, ExponentialOptions {}
