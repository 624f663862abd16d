import { z } from "zod";
import { type Attribute, attributes, double, fixed64, resource, scope, traceId } from "./common-schema.ts";

// ExportMetricsServiceRequest as protobuf's JSON has it: nothing may stand there that the published messages do not have,
// and what may be left out is here only as far as we send it.
// Source: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.9.0/opentelemetry/proto/metrics/v1/metrics.proto

const sint32 = z.number().int().min(-0x8000_0000).max(0x7fff_ffff);
// What a trace is not known by is left out, and not sent empty.
const exemplars = z.array(z.strictObject({ timeUnixNano: fixed64, asDouble: double, traceId }));
const point = { attributes, startTimeUnixNano: fixed64, timeUnixNano: fixed64, exemplars };
const numberPoints = z.array(z.strictObject({ ...point, asDouble: double })).min(1);

const histogramPoint = z
  .strictObject({
    ...point,
    count: fixed64,
    sum: double,
    bucketCounts: z.array(fixed64),
    explicitBounds: z.array(z.number()),
  })
  .refine((p) => p.bucketCounts.length === p.explicitBounds.length + 1, "one more count than bounds")
  .refine((p) => total(p.bucketCounts) === BigInt(String(p.count)), "the counts are the count")
  .refine((p) => p.explicitBounds.every((b, i) => i === 0 || b > p.explicitBounds[i - 1]!), "bounds ascend");

const buckets = z.strictObject({ offset: sint32, bucketCounts: z.array(fixed64) });
const exponentialPoint = z
  .strictObject({
    ...point,
    count: fixed64,
    sum: double,
    scale: sint32,
    zeroCount: fixed64,
    zeroThreshold: z.number().min(0),
    positive: buckets,
    negative: buckets,
  })
  .refine(
    (p) =>
      total([...p.positive.bucketCounts, ...p.negative.bucketCounts, p.zeroCount]) === BigInt(String(p.count)) &&
      p.positive.bucketCounts.length <= 160,
    "the counts are the count, and no more than 160",
  );

const cumulative = z.literal(2);
const described = { name: z.string().min(1), description: z.string(), unit: z.string().min(1).optional() };
const metric = z.union([
  z.strictObject({ ...described, gauge: z.strictObject({ dataPoints: numberPoints }) }),
  z.strictObject({
    ...described,
    sum: z.strictObject({ dataPoints: numberPoints, aggregationTemporality: cumulative, isMonotonic: z.literal(true) }),
  }),
  z.strictObject({
    ...described,
    histogram: z.strictObject({ dataPoints: z.array(histogramPoint).min(1), aggregationTemporality: cumulative }),
  }),
  z.strictObject({
    ...described,
    exponentialHistogram: z.strictObject({
      dataPoints: z.array(exponentialPoint).min(1),
      aggregationTemporality: cumulative,
    }),
  }),
]);

const exportRequest = z.strictObject({
  resourceMetrics: z.array(
    z.strictObject({
      resource,
      scopeMetrics: z.array(z.strictObject({ scope, metrics: z.array(metric).min(1) })),
    }),
  ),
});

/** SentPoint is a data point of any kind. */
export interface SentPoint {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly exemplars: readonly { readonly traceId: string; readonly asDouble: number }[];
  readonly [field: string]: unknown;
}

/** SentMetric is a metric as the collector gets it. */
export interface SentMetric {
  readonly name: string;
  readonly description: string;
  readonly unit?: string;
  readonly gauge?: { readonly dataPoints: readonly SentPoint[] };
  readonly sum?: { readonly dataPoints: readonly SentPoint[] };
  readonly histogram?: { readonly dataPoints: readonly SentPoint[] };
  readonly exponentialHistogram?: { readonly dataPoints: readonly SentPoint[] };
}

/** MetricsRequest is what a collector is sent. */
export interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly SentMetric[] }[];
  }[];
}

/** readMetrics checks a whole request: what it is, or what is wrong with it. */
export function readMetrics(body: unknown): MetricsRequest | string {
  const { success, error } = exportRequest.safeParse(body);
  // It is what has just been checked.
  return success ? (body as MetricsRequest) : error.message;
}

function total(counts: readonly unknown[]): bigint {
  return counts.reduce<bigint>((sum, count) => sum + BigInt(String(count)), 0n);
}
