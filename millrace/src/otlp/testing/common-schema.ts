import { z } from "zod";

// What the messages of all signals are made of, as protobuf's JSON has it.
// Source: https://github.com/open-telemetry/opentelemetry-proto/tree/v1.9.0/opentelemetry/proto

/** fixed64 is a string, since a number of JSON has no 64 bits. */
export const fixed64: z.ZodType = z.string().regex(/^(?:0|[1-9]\d{0,19})$/);
/** int64 is one too. */
export const int64: z.ZodType = z.string().regex(/^-?(?:0|[1-9]\d{0,18})$/);
/** uint32 and fixed32 are numbers. */
export const uint32: z.ZodNumber = z.number().int().min(0).max(0xffff_ffff);
/** traceId is hexadecimal and not base64, as OTLP says. */
export const traceId: z.ZodType = z.string().regex(/^(?!0{32})[\da-f]{32}$/);
/** spanId as well. */
export const spanId: z.ZodType = z.string().regex(/^(?!0{16})[\da-f]{16}$/);

/** double is a number, or what JSON has none for. */
export const double: z.ZodType = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);

const anyValue: z.ZodType = z.lazy(() =>
  z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ boolValue: z.boolean() }),
    z.strictObject({ intValue: int64 }),
    z.strictObject({ doubleValue: double }),
    z.strictObject({ arrayValue: z.strictObject({ values: z.array(anyValue) }) }),
  ]),
);
/** attributes are KeyValues. */
export const attributes: z.ZodType = z.array(z.strictObject({ key: z.string().min(1), value: anyValue }));

/** resource is the process. */
export const resource: z.ZodType = z.strictObject({ attributes });

/** scope is the library. */
export const scope: z.ZodType = z.strictObject({ name: z.string().min(1) });

/** Attribute is a name with what protobuf calls an AnyValue. */
export interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
