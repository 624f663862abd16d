import { type OtlpAttrs, attrsOf, doubleOf, nanosOf } from "../../otlp/index.ts";
import type { Exemplar } from "../exemplar.ts";
import type { Family, Series } from "../family.ts";
import { Histogram } from "../histogram.ts";
import { ExponentialHistogram, ZERO_THRESHOLD } from "../exponential-histogram.ts";
import type { Registry } from "../index.ts";

// Source: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
const CUMULATIVE = 2;
// What a request holds at most: a collector refuses one that is too large, 20 MiB by default.
const MAX_POINTS = 5000;
// Prometheus' words for units in UCUM's. Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
const UNITS: Readonly<Record<string, string>> = { seconds: "s", bytes: "By", ratio: "1", celsius: "Cel" };

/** Request is what is sent at once. */
export interface Request {
  readonly text: string;
  readonly points: number;
}

/** Times are those of every point: since when it is counted, and when it was read. */
interface Times {
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
}

/**
 * requestsOf are all metrics of a registry as they are now, in ExportMetricsServiceRequests in protobuf's JSON. Each is
 * made when it is asked for. Everything is counted since the process began, so that is the start of every point.
 */
export function* requestsOf(resource: OtlpAttrs, registry: Registry): Generator<Request> {
  const attributes = attrsOf(resource);
  const times = { startTimeUnixNano: nanosOf(performance.timeOrigin), timeUnixNano: nanosOf(Date.now()) };
  let metrics: object[] = [];
  let points = 0;
  const flush = (): Request => {
    const scopeMetrics = [{ scope: { name: "millrace" }, metrics }];
    const request = { text: JSON.stringify({ resourceMetrics: [{ resource: { attributes }, scopeMetrics }] }), points };
    metrics = [];
    points = 0;
    return request;
  };
  for (const family of registry.families()) {
    const series = family.series();
    for (let from = 0; from < series.length;) {
      const part = series.slice(from, from + MAX_POINTS - points);
      from += part.length;
      const dataPoints = part.flatMap((one) => pointOf(registry, family, one, times) ?? []);
      if (dataPoints.length > 0) metrics.push(metricOf(family, dataPoints));
      points += dataPoints.length;
      if (points === MAX_POINTS) yield flush();
    }
  }
  if (points > 0) yield flush();
}

function metricOf(family: Family, dataPoints: readonly object[]): object {
  const { type, unit } = family;
  return {
    // As it is scraped: one name, whichever way it comes.
    name: type === "counter" ? `${family.name}_total` : family.name,
    description: family.help.toWellFormed(),
    ...(unit !== undefined && { unit: UNITS[unit] ?? unit }),
    ...(type === "gauge" && { gauge: { dataPoints } }),
    ...(type === "counter" && { sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } }),
    ...(type === "histogram" && { [histogramKind(family)]: { dataPoints, aggregationTemporality: CUMULATIVE } }),
  };
}

function histogramKind(family: Family): "histogram" | "exponentialHistogram" {
  return family.series()[0]?.metric instanceof ExponentialHistogram ? "exponentialHistogram" : "histogram";
}

function pointOf(registry: Registry, family: Family, series: Series, times: Times): object | undefined {
  const { metric, values } = series;
  const attributes = attrsOf(Object.fromEntries(family.labels.map((label, i) => [label, values[i]])));
  if (metric instanceof Histogram) {
    const buckets = metric.buckets();
    return {
      attributes,
      ...times,
      count: String(buckets.reduce((sum, { count }) => sum + count, 0)),
      sum: doubleOf(metric.sum),
      bucketCounts: buckets.map(({ count }) => String(count)),
      explicitBounds: buckets.slice(0, -1).map(({ bound }) => bound),
      exemplars: buckets.flatMap(({ exemplar }) => exemplarOf(exemplar)),
    };
  }
  if (metric instanceof ExponentialHistogram) {
    const { scale, count, sum, zeroCount, positive, negative, exemplars } = metric.data();
    return {
      attributes,
      ...times,
      count: String(count),
      sum: doubleOf(sum),
      scale,
      zeroCount: String(zeroCount),
      zeroThreshold: ZERO_THRESHOLD,
      positive: { offset: positive.offset, bucketCounts: positive.counts.map(String) },
      negative: { offset: negative.offset, bucketCounts: negative.counts.map(String) },
      exemplars: exemplars.flatMap((exemplar) => exemplarOf(exemplar)),
    };
  }
  let value: number;
  try {
    ({ value } = metric);
  } catch {
    registry.readFailed(family.name);
    return undefined;
  }
  const exemplars = "exemplar" in metric ? exemplarOf(metric.exemplar) : [];
  return { attributes, ...times, asDouble: doubleOf(value), exemplars };
}

// A trace id of another form than W3C's is no trace that could be found.
function exemplarOf(exemplar: Exemplar | undefined): object[] {
  if (exemplar === undefined || !/^(?!0+$)[\da-f]{32}$/.test(exemplar.traceId)) return [];
  const { value, traceId, unixMs } = exemplar;
  return [{ timeUnixNano: nanosOf(unixMs), asDouble: doubleOf(value), traceId }];
}
