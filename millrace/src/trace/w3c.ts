import { randomFillSync } from "node:crypto";

/**
 * Trace is the place of a request in a trace. Source: https://www.w3.org/TR/trace-context/
 */
export interface Trace {
  /** traceId names the trace: 32 hexadecimal digits. */
  readonly traceId: string;
  /** spanId names this request within it, for those that it calls: 16 hexadecimal digits. */
  readonly spanId: string;
  /** parentId is the spanId of who has called, "" where the trace begins. */
  readonly parentId: string;
  /** flags are two hexadecimal digits; the last bit says that the caller may record it. */
  readonly flags: string;
  /** state is what tracing systems have said of it, "" for nothing: the header tracestate, passed on unread. */
  readonly state: string;
}

// A version after 00 may say more behind the flags, and is read as far as version 00 goes. There is no version ff.
const HEADER =
  /^(?:00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}|(?!00|ff)[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}(?:-.*)?)$/;
// All zeros are no id.
const NO_TRACE = "0".repeat(32);
const NO_SPAN = "0".repeat(16);
// Of the flags only these have a meaning, "sampled" and, since level 2, "random"; a sender leaves all others 0.
const KNOWN_FLAGS = 0b11;

/**
 * @internal traceOf is the trace that a request's headers tell of, with a new spanId for what it calls; a new trace if they tell of
 * none or anything in traceparent is wrong. A tracestate that is wrong is left out.
 */
export function traceOf(header: string | undefined, tracestate: string | undefined, ids: RandomIds): Trace {
  if (header === undefined || !HEADER.test(header)) return newTrace(ids);
  const traceId = header.slice(3, 35);
  const parentId = header.slice(36, 52);
  if (traceId === NO_TRACE || parentId === NO_SPAN) return newTrace(ids);
  const flags = `0${Number.parseInt(header.slice(53, 55), 16) & KNOWN_FLAGS}`;
  const state = tracestate === undefined ? "" : stateOf(tracestate);
  return { traceId, spanId: ids.hex(16), parentId, flags, state };
}

function newTrace(ids: RandomIds): Trace {
  return { traceId: ids.hex(32), spanId: ids.hex(16), parentId: "", flags: "00", state: "" };
}

/** @internal traceparentOf is the header that tells of a trace. */
export function traceparentOf({ traceId, spanId, flags }: Trace): string {
  return `00-${traceId}-${spanId}-${flags}`;
}

// Source: section 3.3.1.3 of level 1, "list-member"; the second form of a key is that of a tenant.
const KEY = /^(?:[a-z][\w*/-]{0,255}|[a-z\d][\w*/-]{0,240}@[a-z][\w*/-]{0,13})$/;
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MAX_MEMBERS = 32;
// What everybody passes on at least; of more, the long members go first, and then the last. Source: section 3.3.1.5.
const MAX_LENGTH = 512;
const LONG_MEMBER = 128;

function stateOf(header: string): string {
  const members = header
    .split(",")
    .map((member) => member.replaceAll(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
  const keys = new Set<string>();
  for (const member of members) {
    const equals = member.indexOf("=");
    const key = member.slice(0, Math.max(0, equals));
    if (!KEY.test(key) || key !== key.toLowerCase() || !VALUE.test(member.slice(equals + 1)) || keys.has(key))
      return "";
    keys.add(key);
  }
  if (members.length > MAX_MEMBERS) return "";
  let kept = members;
  if (header.length > MAX_LENGTH) kept = members.filter((member) => member.length <= LONG_MEMBER);
  while (kept.join(",").length > MAX_LENGTH) kept.pop();
  return kept.join(",");
}

// For some three hundred requests.
const POOL_BYTES = 8192;

/** @internal RandomIds makes ids of hexadecimal digits; randomness is fetched for many at once, since a call for each costs most. */
export class RandomIds {
  readonly #pool: Buffer = Buffer.allocUnsafe(POOL_BYTES);
  #digits = "";
  #used = 0;

  /** hex is an id of so many digits, and never all zeros. */
  hex(length: number): string {
    if (this.#used + length > this.#digits.length) {
      this.#digits = randomFillSync(this.#pool).toString("hex");
      this.#used = 0;
    }
    const id = this.#digits.slice(this.#used, (this.#used += length));
    // Such an id comes once in 2 to the 64th.
    return id === NO_SPAN || id === NO_TRACE ? this.hex(length) : id;
  }
}
