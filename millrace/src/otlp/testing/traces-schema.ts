import { z } from "zod";
import { type Attribute, attributes, fixed64, resource, scope, spanId, traceId, uint32 } from "./common-schema.ts";

// ExportTraceServiceRequest as protobuf's JSON has it: nothing may stand there that the published messages do not have, and
// what is left out has its default.
// Source: https://github.com/open-telemetry/opentelemetry-proto/tree/v1.9.0/opentelemetry/proto

const span = z.strictObject({
  traceId,
  spanId,
  traceState: z.string().optional(),
  parentSpanId: spanId.optional(),
  flags: uint32.max(0x3ff),
  name: z.string().min(1),
  kind: z.number().int().min(1).max(5),
  startTimeUnixNano: fixed64,
  endTimeUnixNano: fixed64,
  attributes,
  droppedAttributesCount: uint32.default(0),
  events: z
    .array(
      z.strictObject({
        timeUnixNano: fixed64,
        name: z.string(),
        attributes,
        droppedAttributesCount: uint32.default(0),
      }),
    )
    .default([]),
  droppedEventsCount: uint32.default(0),
  links: z
    .array(
      z.strictObject({
        traceId,
        spanId,
        traceState: z.string().optional(),
        attributes,
        droppedAttributesCount: uint32.default(0),
        flags: uint32,
      }),
    )
    .default([]),
  droppedLinksCount: uint32.default(0),
  status: z.strictObject({ message: z.string().optional(), code: z.number().int().min(0).max(2) }).default({ code: 0 }),
});

const exportRequest = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: resource,
      scopeSpans: z.array(z.strictObject({ scope, spans: z.array(span) })),
    }),
  ),
});

/** SentSpan is a span as the collector gets it: as the messages have it, if the request has no problem. */
export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly Attribute[] }[];
  readonly links: readonly { readonly traceId: string }[];
  readonly status: { readonly message?: string; readonly code: number };
}

/** TracesRequest is what a collector is sent. */
export interface TracesRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

/** readTraces checks a whole request: what it is, or what is wrong with it. */
export function readTraces(body: unknown): TracesRequest | string {
  const { success, error, data } = exportRequest.safeParse(body);
  // It is what has just been checked.
  return success ? (data as TracesRequest) : error.message;
}
