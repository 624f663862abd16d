export { DEFAULT_BUCKETS, exponentialBuckets } from "./buckets.ts";
export { Counter } from "./counter.ts";
export { Gauge } from "./gauge.ts";
export { Histogram } from "./histogram.ts";
export type { HistogramOptions, HistogramVecOptions, MetricOptions, VecOptions } from "./options.ts";
export { Registry } from "./registry.ts";
export { runtimeMetrics } from "./runtime.ts";
export { type Scrape, scrape } from "./scrape.ts";
export { Vec } from "./vec.ts";
