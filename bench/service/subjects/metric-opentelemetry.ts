import assert from "node:assert/strict";
import { AggregationType, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { printNanoseconds } from "../../lib/kernel.ts";
import { BUCKETS, VALUES } from "../../metrics/values.ts";

const COUNT = 1_000_000;

class ManualReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const reader = new ManualReader();
const provider = new MeterProvider({
  readers: [reader],
  views: [
    {
      instrumentName: "wait_seconds",
      aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [...BUCKETS] } },
    },
  ],
});
const histogram = provider.getMeter("bench").createHistogram("wait_seconds");
const attributes = { route: "/", method: "GET" };
histogram.record(0.07, attributes);
const { resourceMetrics } = await reader.collect();
const point = resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints[0];
// As its declarations have it, for a histogram.
const { count, buckets } = point!.value as { count: number; buckets: { counts: number[] } };
assert.deepEqual([count, buckets.counts[4], point!.attributes], [1, 1, attributes]);

await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) histogram.record(VALUES[i & 1023]!, attributes);
});
