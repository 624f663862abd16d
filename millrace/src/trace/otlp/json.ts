import { attrsOf, nanosOf } from "../../otlp/index.ts";
import type { EndedSpan, SpanAttrs, SpanKind } from "../index.ts";

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
