import { z } from "zod";

// ExportTraceServiceRequest as protobuf's JSON has it: nothing may stand there that the published messages do not have.
// Source: https://github.com/open-telemetry/opentelemetry-proto/tree/v1.9.0/opentelemetry/proto

// fixed64 and int64 are strings, uint32 and fixed32 numbers; ids are hexadecimal and not base64, as OTLP says.
const fixed64 = z.string().regex(/^(?:0|[1-9]\d{0,19})$/);
const int64 = z.string().regex(/^-?(?:0|[1-9]\d{0,18})$/);
const uint32 = z.number().int().min(0).max(0xffff_ffff);
const traceId = z.string().regex(/^(?!0{32})[\da-f]{32}$/);
const spanId = z.string().regex(/^(?!0{16})[\da-f]{16}$/);

const anyValue: z.ZodType = z.lazy(() =>
  z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ boolValue: z.boolean() }),
    z.strictObject({ intValue: int64 }),
    z.strictObject({ doubleValue: z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]) }),
    z.strictObject({ arrayValue: z.strictObject({ values: z.array(anyValue) }) }),
  ]),
);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value: anyValue }));

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
  droppedAttributesCount: uint32,
  events: z.array(
    z.strictObject({ timeUnixNano: fixed64, name: z.string(), attributes, droppedAttributesCount: uint32 }),
  ),
  droppedEventsCount: uint32,
  links: z.array(
    z.strictObject({
      traceId,
      spanId,
      traceState: z.string().optional(),
      attributes,
      droppedAttributesCount: uint32,
      flags: uint32,
    }),
  ),
  droppedLinksCount: uint32,
  status: z.strictObject({ message: z.string().optional(), code: z.number().int().min(0).max(2) }),
});

const exportRequest = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(z.strictObject({ scope: z.strictObject({ name: z.string().min(1) }), spans: z.array(span) })),
    }),
  ),
});

/** Attribute is a name with what protobuf calls an AnyValue. */
export interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

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

/** ExportRequest is what a collector is sent. */
export interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

/** readExport checks a whole request: what it is, or what is wrong with it. */
export function readExport(body: unknown): ExportRequest | string {
  const { success, error } = exportRequest.safeParse(body);
  // It is what has just been checked.
  return success ? (body as ExportRequest) : error.message;
}
