import type { Counter } from "./counter.ts";
import { escapeHelp, escapeValue } from "./escape.ts";
import type { Exemplar } from "./exemplar.ts";
import { ExponentialHistogram } from "./exponential-histogram.ts";
import type { Family } from "./family.ts";
import type { Gauge } from "./gauge.ts";
import { Histogram } from "./histogram.ts";
import { preferredFormat } from "./negotiate.ts";
import type { Registry } from "./registry.ts";

/** Scrape is what to answer to whoever asks for the metrics. */
export interface Scrape {
  /** contentType is the content-type to send, with the format's version. */
  readonly contentType: string;
  readonly body: string;
}

/**
 * scrape writes all metrics, sorted by name and labels, in the format that the request's Accept header likes best:
 * OpenMetrics 1.0, which alone has exemplars and units, or the Prometheus text format 0.0.4, also for who does not say.
 * An exponential histogram has buckets at the powers of two of its range here: text has no native histograms, exposition
 * has. A value whose function throws is left out, and `metrics_read_failures_total` counts it.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/ and
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function scrape(registry: Registry, accept?: string): Scrape {
  const open = preferredFormat(accept, false) === "open";
  const body = registry
    .families()
    .map((family) => (open ? openFamily(registry, family) : textFamily(registry, family)))
    .join("");
  return open
    ? { contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8", body: `${body}# EOF\n` }
    : { contentType: "text/plain; version=0.0.4; charset=utf-8", body };
}

function textFamily(registry: Registry, family: Family): string {
  const name = family.type === "counter" ? `${family.name}_total` : family.name;
  return `# HELP ${name} ${escapeHelp(family.help)}\n# TYPE ${name} ${family.type}\n${samples(registry, family, false)}`;
}

function openFamily(registry: Registry, family: Family): string {
  const { name, type, unit } = family;
  const unitLine = unit === undefined ? "" : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${escapeValue(family.help)}\n${samples(registry, family, true)}`;
}

function samples(registry: Registry, family: Family, open: boolean): string {
  let lines = "";
  for (const { text, metric } of family.series()) {
    if (metric instanceof Histogram || metric instanceof ExponentialHistogram)
      lines += histogram(family.name, text, metric, open);
    else lines += scalar(registry, family, text, metric, open);
  }
  return lines;
}

function scalar(registry: Registry, family: Family, text: string, metric: Counter | Gauge, open: boolean): string {
  let value: number;
  try {
    ({ value } = metric);
  } catch {
    registry.readFailed(family.name);
    return "";
  }
  const labels = text === "" ? "" : `{${text}}`;
  const name = family.type === "counter" ? `${family.name}_total` : family.name;
  const exemplar = open && "exemplar" in metric ? shown(metric.exemplar) : "";
  return `${name}${labels} ${numberText(value)}${exemplar}\n`;
}

function histogram(name: string, text: string, metric: Histogram | ExponentialHistogram, open: boolean): string {
  const labels = text === "" ? "" : `{${text}}`;
  const before = text === "" ? "" : `${text},`;
  let lines = "";
  let count = 0;
  for (const bucket of metric.buckets()) {
    count += bucket.count;
    const le = boundText(bucket.bound, open);
    lines += `${name}_bucket{${before}le="${le}"} ${count}${open ? shown(bucket.exemplar) : ""}\n`;
  }
  return `${lines}${name}_sum${labels} ${numberText(metric.sum)}\n${name}_count${labels} ${count}\n`;
}

// Its labels may have 128 characters in all; a trace id has 32.
function shown(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined || exemplar.traceId.length > 100) return "";
  const { value, traceId, unixMs } = exemplar;
  return ` # {trace_id="${escapeValue(traceId)}"} ${numberText(value)} ${(unixMs / 1000).toFixed(3)}`;
}

// OpenMetrics wants "1.0", so that a bucket has one name; Prometheus' own clients write "1" in the older format.
function boundText(bound: number, open: boolean): string {
  return open && Number.isInteger(bound) && Math.abs(bound) < 1e21 ? `${bound}.0` : numberText(bound);
}

function numberText(value: number): string {
  return value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value);
}
