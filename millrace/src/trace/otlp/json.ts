import type { EndedSpan, SpanAttr, SpanAttrs, SpanKind } from "../index.ts";

// Source: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
const STATUS = { unset: 0, ok: 1, error: 2 } as const;
// Beside the flags of W3C: whether it is known that the parent is remote, and whether it is.
const KNOWS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/**
 * requestOf is an ExportTraceServiceRequest in protobuf's JSON: names in camelCase, ids in hexadecimal, 64-bit integers as
 * strings, enumerations as numbers. Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function requestOf(resource: SpanAttrs, spans: readonly EndedSpan[]): string {
  const scopeSpans = [{ scope: { name: "millrace" }, spans: spans.map(spanOf) }];
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: attrsOf(resource) }, scopeSpans }] });
}

function spanOf(span: EndedSpan): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.state !== "" && { traceState: span.state }),
    ...(span.parentId !== "" && { parentSpanId: span.parentId }),
    flags: Number.parseInt(span.flags, 16) | KNOWS_REMOTE | (span.remoteParent ? IS_REMOTE : 0),
    name: span.name.toWellFormed(),
    kind: KINDS[span.kind],
    startTimeUnixNano: nanosOf(span.startMs),
    endTimeUnixNano: nanosOf(span.endMs),
    attributes: attrsOf(span.attrs),
    droppedAttributesCount: span.droppedAttrs,
    events: span.events.map(({ name, timeMs, attrs, droppedAttrs }) => ({
      timeUnixNano: nanosOf(timeMs),
      name: name.toWellFormed(),
      attributes: attrsOf(attrs),
      droppedAttributesCount: droppedAttrs,
    })),
    droppedEventsCount: span.droppedEvents,
    links: span.links.map(({ traceId, spanId, flags, state, attrs, droppedAttrs }) => ({
      traceId,
      spanId,
      ...(state !== "" && { traceState: state }),
      attributes: attrsOf(attrs),
      droppedAttributesCount: droppedAttrs,
      flags: Number.parseInt(flags, 16),
    })),
    droppedLinksCount: span.droppedLinks,
    status: {
      ...(span.statusMessage !== "" && { message: span.statusMessage.toWellFormed() }),
      code: STATUS[span.status],
    },
  };
}

function attrsOf(attrs: SpanAttrs): object[] {
  const out: object[] = [];
  for (const [key, value] of Object.entries(attrs)) {
    if (value !== undefined) out.push({ key: key.toWellFormed(), value: valueOf(value) });
  }
  return out;
}

function valueOf(value: SpanAttr): object {
  if (typeof value === "string") return { stringValue: value.toWellFormed() };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "object") return { arrayValue: { values: value.map((one) => valueOf(one)) } };
  if (Number.isSafeInteger(value)) return { intValue: String(value) };
  // What JSON has no number for is a string.
  return { doubleValue: Number.isFinite(value) ? value : String(value) };
}

// Nanoseconds are more than a number holds exactly, so the parts are written one after the other.
function nanosOf(ms: number): string {
  const whole = Math.floor(ms);
  const rest = Math.min(999_999, Math.floor((ms - whole) * 1e6));
  return `${whole}${String(rest).padStart(6, "0")}`;
}
