import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { printNanoseconds } from "../../lib/kernel.ts";
import { VALUES } from "../values.ts";

const COUNT = 1_000_000;
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
const views = [{ instrumentName: "wait", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM as const } }];
const provider = new MeterProvider({ readers: [reader], views });
const histogram = provider.getMeter("bench").createHistogram("wait", { unit: "s" });
// There is no series to be kept: the nearest to one is the same attributes each time.
const attributes = { route: "/", method: "GET" };
histogram.record(0.07, attributes);
await provider.forceFlush();
const text = JSON.stringify(exporter.getMetrics());
if (!/"bucketCounts":\[1\]/.test(text)) throw new Error(`no exponential histogram of one value: ${text}`);

await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) histogram.record(VALUES[i & 1023]!, attributes);
});
await provider.shutdown();
