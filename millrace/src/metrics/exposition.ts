import type { Exemplar } from "./exemplar.ts";
import { ExponentialHistogram, ZERO_THRESHOLD } from "./exponential-histogram.ts";
import type { Family, Series } from "./family.ts";
import { Histogram } from "./histogram.ts";
import { preferredFormat } from "./negotiate.ts";
import { Message } from "./protobuf-message.ts";
import type { Registry } from "./registry.ts";
import { scrape } from "./scrape.ts";

/** Exposition is what to answer to whoever asks for the metrics. */
export interface Exposition {
  /** contentType is the content-type to send, with the format's version. */
  readonly contentType: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

// The numbers of the fields and types: https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
const TYPES = { counter: 0, gauge: 1, histogram: 4 } as const;

/**
 * exposition writes all metrics as scrape does, and in Prometheus' protobuf for who likes that best: a Prometheus that takes
 * native histograms, which no text has. It has exemplars and units too.
 */
export function exposition(registry: Registry, accept?: string): Exposition {
  if (preferredFormat(accept, true) !== "protobuf") return scrape(registry, accept);
  return {
    contentType: "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
    body: Buffer.concat(registry.families().map((family) => familyOf(registry, family).delimited())),
  };
}

function familyOf(registry: Registry, family: Family): Message {
  const { type, help, unit } = family;
  const name = type === "counter" ? `${family.name}_total` : family.name;
  const message = new Message().text(1, name).text(2, help).uint(3, TYPES[type]);
  for (const series of family.series()) {
    const metric = metricOf(registry, family, series);
    if (metric !== undefined) message.message(4, metric);
  }
  return unit === undefined ? message : message.text(5, unit);
}

function metricOf(registry: Registry, family: Family, { values, metric }: Series): Message | undefined {
  const message = new Message();
  for (const [i, label] of family.labels.entries()) message.message(1, labelOf(label, values[i]!));
  if (metric instanceof Histogram) return message.message(7, classic(metric));
  if (metric instanceof ExponentialHistogram) return message.message(7, native(metric));
  try {
    const value = new Message().double(1, metric.value);
    if (!("exemplar" in metric)) return message.message(2, value);
    return message.message(3, withExemplar(value, 2, metric.exemplar));
  } catch {
    registry.readFailed(family.name);
    return undefined;
  }
}

function labelOf(name: string, value: string): Message {
  return new Message().text(1, name).text(2, value);
}

function classic(metric: Histogram): Message {
  const message = new Message().double(2, metric.sum);
  let count = 0;
  for (const bucket of metric.buckets()) {
    count += bucket.count;
    message.message(3, withExemplar(new Message().uint(1, count).double(2, bucket.bound), 3, bucket.exemplar));
  }
  return message.uint(1, count);
}

function native(metric: ExponentialHistogram): Message {
  const { count, sum, scale, zeroCount, negative, positive, exemplars } = metric.data();
  const message = new Message().uint(1, count).double(2, sum);
  message.sint(5, scale).double(6, ZERO_THRESHOLD).uint(7, zeroCount);
  if (negative.counts.length > 0) message.message(9, spanOf(negative)).sints(10, deltas(negative.counts));
  // One that is empty says that the histogram is a native one.
  message.message(12, spanOf(positive)).sints(13, deltas(positive.counts));
  for (const exemplar of exemplars) withExemplar(message, 16, exemplar);
  return message;
}

// A bucket has the number of its upper bound there, and that of its lower one with us and OpenTelemetry.
function spanOf({ offset, counts }: { readonly offset: number; readonly counts: readonly number[] }): Message {
  return new Message().sint(1, counts.length === 0 ? 0 : offset + 1).uint(2, counts.length);
}

function deltas(counts: readonly number[]): number[] {
  return counts.map((count, i) => count - (counts[i - 1] ?? 0));
}

function withExemplar(message: Message, field: number, exemplar: Exemplar | undefined): Message {
  // Its labels may have 128 characters in all, here too.
  if (exemplar === undefined || exemplar.traceId.length > 100) return message;
  const { value, traceId, unixMs } = exemplar;
  const time = new Message().uint(1, Math.floor(unixMs / 1000)).uint(2, (unixMs % 1000) * 1e6);
  return message.message(
    field,
    new Message().message(1, labelOf("trace_id", traceId)).double(2, value).message(3, time),
  );
}
