import { Failure, ValidationFailure } from "../errors/index.ts";
import { Secret } from "../secret/index.ts";
import { maskUrls } from "../secret/mask-urls.ts";
import { MASK } from "./redact.ts";

/** Plain is a value that JSON.stringify writes as it is, without running anybody's code. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Plain[]
  | { readonly [name: string]: Plain };

/** PlainContext is what holds while one value is made plain. */
export interface PlainContext {
  readonly redacted: (name: string) => boolean;
  /** above are the objects that the one at hand is in: meeting one again is a circle. */
  readonly above: object[];
}

// A line is for reading: what is larger than this is cut, and says so.
const MAX_DEPTH = 8;
const MAX_ENTRIES = 200;
const MAX_TEXT = 32_768;

/**
 * plain makes any value one that JSON can hold: bigint as text, Error with its cause chain, Map as object, Set as
 * array, Secret and redacted names as "***"; circles, depths and lengths are cut. Never throws: a getter that does is
 * written as what it threw.
 */
export function plain(value: unknown, context: PlainContext): Plain {
  switch (typeof value) {
    case "string":
      return plainText(value);
    case "boolean":
    case "undefined":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "object":
      return value === null ? null : plainObject(value, context);
    case "function":
      return `[function ${value.name || "anonymous"}]`;
    default:
      return String(value);
  }
}

/** plainText is a text cut to what a line may hold, without the passwords of URLs. */
export function plainText(value: unknown): string {
  // Callers without types, and errors whose message somebody set, may hold anything.
  const text = typeof value === "string" ? value : textOf(value);
  return maskUrls(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text);
}

// An object without a prototype has no text, and a toString may throw.
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch (err) {
    return threw(err);
  }
}

/** plainField reads a property and makes it plain, or masks it if its name is redacted. */
export function plainField(object: object, name: string, context: PlainContext): Plain {
  if (context.redacted(name)) return MASK;
  try {
    return plain(Reflect.get(object, name), context);
  } catch (err) {
    return threw(err);
  }
}

/** threw is what stands for a value that could not be read. */
export function threw(err: unknown): string {
  try {
    return `[threw ${err instanceof Error ? err.name : typeof err}]`;
  } catch {
    return "[threw]";
  }
}

/** put sets a field whatever its name is: assigning to "__proto__" would not make a field. */
export function put(fields: Record<string, Plain>, name: string, value: Plain): void {
  if (name === "__proto__")
    Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true });
  else fields[name] = value;
}

function plainObject(value: object, context: PlainContext): Plain {
  const { above } = context;
  if (above.includes(value)) return "[circular]";
  if (above.length >= MAX_DEPTH) return "[too deep]";
  above.push(value);
  try {
    return inner(value, context);
  } catch (err) {
    return threw(err);
  } finally {
    above.pop();
  }
}

function inner(value: object, context: PlainContext): Plain {
  if (value instanceof Secret) return MASK;
  if (value instanceof Error) return plainError(value, context);
  if (Array.isArray(value)) return list(value, value.length, context);
  if (value instanceof Set) return list(value, value.size, context);
  if (value instanceof Map) return map(value, context);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if ("toJSON" in value && typeof value.toJSON === "function") return plain(value.toJSON(), context);
  return record(value, context);
}

// An error is written as name, code, reason, message, stack, the issues of a ValidationFailure, the
// members of an AggregateError, and its cause in the same form. Other fields are left out: libraries hang requests
// with their credentials there.
function plainError(err: Error, context: PlainContext): Plain {
  return {
    name: plainText(err.name),
    // A foreign error's code is a word or a number: "ECONNREFUSED", "23505".
    code: "code" in err ? plain(err.code, context) : undefined,
    reason: err instanceof Failure ? err.reason : undefined,
    message: plainText(err.message),
    issues: err instanceof ValidationFailure ? plain(err.issues, context) : undefined,
    errors: err instanceof AggregateError ? plain(err.errors, context) : undefined,
    cause: plain(err.cause, context),
    stack: typeof err.stack === "string" ? plainText(err.stack) : undefined,
  };
}

function list(values: Iterable<unknown>, size: number, context: PlainContext): Plain {
  const out: Plain[] = [];
  for (const value of values) {
    if (out.length === MAX_ENTRIES) {
      out.push(`… ${size - MAX_ENTRIES} more`);
      break;
    }
    // JSON writes an undefined in an array as null.
    out.push(plain(value, context));
  }
  return out;
}

function map(value: ReadonlyMap<unknown, unknown>, context: PlainContext): Plain {
  const out: Record<string, Plain> = {};
  let left = MAX_ENTRIES;
  for (const [key, member] of value) {
    if (left-- === 0) {
      out["…"] = `${value.size - MAX_ENTRIES} more`;
      break;
    }
    const name = String(key);
    put(out, name, context.redacted(name) ? MASK : plain(member, context));
  }
  return out;
}

function record(value: object, context: PlainContext): Plain {
  const out: Record<string, Plain> = {};
  const names = Object.keys(value);
  for (const name of names.slice(0, MAX_ENTRIES)) put(out, name, plainField(value, name, context));
  if (names.length > MAX_ENTRIES) out["…"] = `${names.length - MAX_ENTRIES} more`;
  return out;
}
