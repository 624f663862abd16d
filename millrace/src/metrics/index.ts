export { DEFAULT_BUCKETS, exponentialBuckets } from "./buckets.ts";
export type { Counter } from "./counter.ts";
export type { ExponentialHistogram } from "./exponential-histogram.ts";
export { type Exposition, exposition } from "./exposition.ts";
export type { Metric } from "./family.ts";
export type { Gauge } from "./gauge.ts";
export type { Histogram } from "./histogram.ts";
export type {
  ExponentialOptions,
  ExponentialVecOptions,
  HistogramOptions,
  HistogramVecOptions,
  MetricOptions,
  VecOptions,
} from "./options.ts";
export { Registry } from "./registry.ts";
export { runtimeMetrics } from "./runtime.ts";
export { type Scrape, scrape } from "./scrape.ts";
export type { Vec } from "./vec.ts";
