import { type OtlpAttr, doubleOf, nanosOf } from "../../otlp/index.ts";
import type { SpanAttrs } from "../attr.ts";
import type { EndedSpan, SpanEvent, SpanKind, SpanLink } from "../exporter.ts";

// Source: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
const STATUS = { unset: 0, ok: 1, error: 2 } as const;
// Beside the flags of W3C: whether it is known that the parent is remote, and whether it is.
const KNOWS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/**
 * requestOf is an ExportTraceServiceRequest in protobuf's JSON: names in camelCase, ids in hexadecimal, 64-bit integers as
 * strings, enumerations as numbers; what has its default is left out.
 * Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function requestOf(resource: SpanAttrs, spans: readonly EndedSpan[]): Buffer {
  const before = `{"resourceSpans":[{"resource":{"attributes":${attrsOf(resource)}},"scopeSpans":[{"scope":{"name":"millrace"},"spans":[`;
  // Span by span: one text of them all would be copied twice on its way.
  const parts = spans.map((span, i) => Buffer.from(i === 0 ? textOf(span) : `,${textOf(span)}`));
  return Buffer.concat([Buffer.from(before), ...parts, Buffer.from("]}]}]}")]);
}

// A Span, written by hand: objects for JSON.stringify would cost twice as much.
function textOf(span: EndedSpan): string {
  const flags = Number.parseInt(span.flags, 16) | KNOWS_REMOTE | (span.remoteParent ? IS_REMOTE : 0);
  let text =
    `{"traceId":"${span.traceId}","spanId":"${span.spanId}","flags":${flags},"name":${quoted(span.name)},` +
    `"kind":${KINDS[span.kind]},"startTimeUnixNano":"${nanosOf(span.startMs)}",` +
    `"endTimeUnixNano":"${nanosOf(span.endMs)}","attributes":${attrsOf(span.attrs)}`;
  if (span.state !== "") text += `,"traceState":${quoted(span.state)}`;
  if (span.parentId !== "") text += `,"parentSpanId":"${span.parentId}"`;
  if (span.droppedAttrs > 0) text += `,"droppedAttributesCount":${span.droppedAttrs}`;
  if (span.events.length > 0) text += `,"events":[${span.events.map((one) => eventOf(one)).join(",")}]`;
  if (span.droppedEvents > 0) text += `,"droppedEventsCount":${span.droppedEvents}`;
  if (span.links.length > 0) text += `,"links":[${span.links.map((one) => linkOf(one)).join(",")}]`;
  if (span.droppedLinks > 0) text += `,"droppedLinksCount":${span.droppedLinks}`;
  if (span.status === "unset") return `${text}}`;
  const message = span.statusMessage === "" ? "" : `"message":${quoted(span.statusMessage)},`;
  return `${text},"status":{${message}"code":${STATUS[span.status]}}}`;
}

function eventOf({ name, timeMs, attrs, droppedAttrs }: SpanEvent): string {
  const dropped = droppedAttrs > 0 ? `,"droppedAttributesCount":${droppedAttrs}` : "";
  return `{"timeUnixNano":"${nanosOf(timeMs)}","name":${quoted(name)},"attributes":${attrsOf(attrs)}${dropped}}`;
}

function linkOf({ traceId, spanId, flags, state, attrs, droppedAttrs }: SpanLink): string {
  const more = state === "" ? "" : `,"traceState":${quoted(state)}`;
  const dropped = droppedAttrs > 0 ? `,"droppedAttributesCount":${droppedAttrs}` : "";
  return (
    `{"traceId":"${traceId}","spanId":"${spanId}"${more},"attributes":${attrsOf(attrs)}${dropped},` +
    `"flags":${Number.parseInt(flags, 16)}}`
  );
}

function attrsOf(attrs: SpanAttrs): string {
  let text = "";
  for (const key in attrs) {
    const value = attrs[key];
    if (value !== undefined) text += `${text === "" ? "" : ","}{"key":${quoted(key)},"value":${valueOf(value)}}`;
  }
  return `[${text}]`;
}

function valueOf(value: OtlpAttr): string {
  if (typeof value === "string") return `{"stringValue":${quoted(value)}}`;
  if (typeof value === "boolean") return `{"boolValue":${value}}`;
  if (typeof value === "object") return `{"arrayValue":{"values":[${value.map((one) => valueOf(one)).join(",")}]}}`;
  if (Number.isSafeInteger(value)) return `{"intValue":"${value}"}`;
  return `{"doubleValue":${JSON.stringify(doubleOf(value))}}`;
}

// oxlint-disable-next-line no-control-regex
const NEEDS_ESCAPE = /["\\\u0000-\u001f\u007f-\uffff]/;

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text.toWellFormed()) : `"${text}"`;
}
