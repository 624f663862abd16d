import { type Ctx, type CtxKey, ctxKey, withValue } from "../context/index.ts";

/** Baggage are named values that go with a trace to all who work on it. Source: https://www.w3.org/TR/baggage/ */
export type Baggage = ReadonlyMap<string, BaggageEntry>;

/** BaggageEntry is one of them. */
export interface BaggageEntry {
  readonly value: string;
  /** properties are what stands behind the value, passed on unread; "" for nothing. */
  readonly properties: string;
}

/** baggage is the key under which a context carries baggage; an outgoing request sends it on. */
export const baggage: CtxKey<Baggage> = ctxKey<Baggage>("millrace/trace.baggage", new Map());

// Source: section 3.3.2 of the specification, "limits".
const MAX_ENTRIES = 64;
const MAX_BYTES = 8192;
// A token of RFC 9110 section 5.6.2.
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
// What VALUE does not have, and the percent sign itself.
const ENCODED = /[^\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+/gu;
const PROPERTIES = /^[\x20\x21\x23-\x2b\x2d-\x5b\x5d-\x7e\t]*$/;

/**
 * withBaggage derives a context with more baggage; undefined takes an entry away. What is put here is sent to every
 * service that is called with the context, so it is no place for secrets. Throws a RangeError beyond 64 entries or 8,192
 * bytes, and a TypeError for a name that is no token.
 */
export function withBaggage(ctx: Ctx, entries: Readonly<Record<string, string | undefined>>): Ctx {
  const all = new Map(ctx.get(baggage));
  for (const [name, value] of Object.entries(entries)) {
    if (!NAME.test(name)) throw new TypeError(`trace: withBaggage: not a name: ${JSON.stringify(name)}`);
    if (value === undefined) all.delete(name);
    else all.set(name, { value, properties: "" });
  }
  if (all.size > MAX_ENTRIES) throw new RangeError(`trace: withBaggage: ${all.size} entries, at most ${MAX_ENTRIES}`);
  const { length } = [...all].map(memberOf).join(",");
  if (length > MAX_BYTES) throw new RangeError(`trace: withBaggage: ${length} bytes, at most ${MAX_BYTES}`);
  return withValue(ctx, baggage, all);
}

/**
 * parseBaggage reads the header. A member that is broken is left out, and so is what is beyond 64 entries or 8,192 bytes;
 * of a name that stands twice the last one counts.
 */
export function parseBaggage(header: string): Baggage {
  const all = new Map<string, BaggageEntry>();
  let bytes = 0;
  // A header is bounded by the server's limits, and not by ours.
  for (const member of header.slice(0, 2 * MAX_BYTES).split(",")) {
    const semicolon = member.indexOf(";");
    const pair = semicolon < 0 ? member : member.slice(0, semicolon);
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(equals, 0)).trim();
    const value = pair.slice(equals + 1).trim();
    const properties = semicolon < 0 ? "" : member.slice(semicolon + 1).trim();
    if (!NAME.test(name) || !VALUE.test(value) || !PROPERTIES.test(properties)) continue;
    bytes += member.length + 1;
    if (bytes - 1 > MAX_BYTES || (all.size >= MAX_ENTRIES && !all.has(name))) break;
    all.set(name, { value: decoded(value), properties });
  }
  return all;
}

/** formatBaggage is the header, "" for no baggage; entries that would make it longer than 8,192 bytes are left out. */
export function formatBaggage(all: Baggage): string {
  let header = "";
  for (const entry of all) {
    const next = header === "" ? memberOf(entry) : `${header},${memberOf(entry)}`;
    if (next.length <= MAX_BYTES) header = next;
  }
  return header;
}

function memberOf([name, { value, properties }]: readonly [string, BaggageEntry]): string {
  const encoded = value.toWellFormed().replaceAll(ENCODED, (run) => encodeURIComponent(run));
  return properties === "" ? `${name}=${encoded}` : `${name}=${encoded};${properties}`;
}

// What is no UTF-8 becomes U+FFFD. Source: section 3.3.1.3 of the specification, "value".
function decoded(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    const bytes = value.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) =>
      String.fromCodePoint(Number.parseInt(hex, 16)),
    );
    return Buffer.from(bytes, "latin1").toString();
  }
}
