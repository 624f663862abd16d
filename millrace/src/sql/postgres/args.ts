import { Secret } from "../../secret/index.ts";
import { SqlFailure } from "../failure.ts";
import { label } from "../label.ts";
import { Composite, formatComposite } from "./composite.ts";
import { Multirange, Range, formatMultirange, formatRange } from "./range.ts";
import { formatTemporal } from "./temporal.ts";
import { formatDate } from "./time.ts";

// Bind counts its arguments in 16 bits. Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
const MAX_ARGS = 65_535;

/** Arg is an argument as it goes over the wire: text, bytes, or null. @internal */
export type Arg = string | Buffer | null;

/** Json marks a value that is to be sent as JSON whatever its type. */
class Json {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** json sends a value as JSON. Plain objects go as JSON by themselves; an array, which would be an SQL array, needs this. */
export function json(value: unknown): Json {
  return new Json(value);
}

/** Formats writes the values that a pool has a codec for; undefined: it is none of them. @internal */
export interface Formats {
  format(value: object): string | undefined;
}

const STANDARD: Formats = { format: () => undefined };

/**
 * encodeArgs turns arguments into what the wire takes: null and undefined, text, numbers, bigint, booleans, Date (in
 * UTC), bytes, Temporal, ranges, composites, arrays of those, and plain objects as JSON. Anything else is
 * invalid_argument ("sql/bad_argument"), and nothing is sent. @internal
 */
export function encodeArgs(text: string, args: readonly unknown[], formats: Formats = STANDARD): Arg[] {
  const bad = (n: number | undefined, why: string, cause?: unknown): SqlFailure =>
    new SqlFailure(`sql: ${label(text)}: ${n === undefined ? "" : `argument $${n} `}${why}`, {
      code: "invalid_argument",
      reason: "sql/bad_argument",
      cause,
    });
  if (text.includes("\0")) throw bad(undefined, "the statement contains a NUL character");
  if (args.length > MAX_ARGS)
    throw bad(undefined, `${args.length} arguments are too many, at most ${MAX_ARGS} can be sent`);
  return args.map((arg, i) => {
    try {
      return encode(arg, formats);
    } catch (err) {
      throw bad(i + 1, err instanceof Error ? err.message : String(err), err);
    }
  });
}

/** encode is encodeArgs for one value; what it throws says why, and not which value. @internal */
export function encode(value: unknown, formats: Formats): Arg {
  switch (typeof value) {
    case "string":
      // The encoding would put U+FFFD in its place, and nobody would know.
      if (!value.isWellFormed()) throw new TypeError("is a text with half of a surrogate pair");
      return value;
    case "number":
      // String would lose the sign.
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "undefined":
      return null;
    case "object":
      return value === null ? null : encodeObject(value, formats);
    default:
      throw new TypeError(`is a ${typeof value}, which cannot be sent`);
  }
}

function encodeObject(value: object, formats: Formats): Arg {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new TypeError("is an invalid Date");
    return formatDate(value);
  }
  if (Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return encodeArray(value, formats);
  if (value instanceof Json) return stringify(value.value);
  const inner = (member: unknown): string | null => encodeInner(member, formats);
  if (value instanceof Range) return formatRange(value, inner);
  if (value instanceof Multirange) return formatMultirange(value, inner);
  if (value instanceof Composite) return formatComposite(value, inner);
  if (value instanceof Secret) throw new TypeError("is a Secret: send what reveal() gives");
  if (value instanceof Map || value instanceof Set) throw new TypeError("is a Map or Set, which JSON cannot hold");
  return formats.format(value) ?? formatTemporal(value) ?? stringify(value);
}

function stringify(value: unknown): string {
  const text: unknown = JSON.stringify(value);
  if (typeof text !== "string") throw new TypeError("cannot be written as JSON");
  return text;
}

function encodeArray(values: readonly unknown[], formats: Formats): string {
  const parts = values.map((value) => {
    if (Array.isArray(value)) return encodeArray(value, formats);
    const text = encodeInner(value, formats);
    return text === null ? "NULL" : `"${text.replace(/["\\]/g, "\\$&")}"`;
  });
  return `{${parts.join(",")}}`;
}

// Within an array, a range or a composite all is text.
function encodeInner(value: unknown, formats: Formats): string | null {
  const arg = encode(value, formats);
  return Buffer.isBuffer(arg) ? `\\x${arg.toString("hex")}` : arg;
}
