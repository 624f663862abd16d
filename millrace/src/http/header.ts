import { Failure } from "../errors/index.ts";

// RFC 9110 section 5.5: visible ASCII, space, tab and obs-text. CR, LF and NUL would let a value write headers of its own.
const BAD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
// RFC 9110 section 5.6.2.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** FRAMING are the headers that the engine writes itself: they say where a message ends and how old it is. */
const FRAMING: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** isFraming says whether a header (in lower case) belongs to the engine. */
export function isFraming(name: string): boolean {
  return FRAMING.has(name);
}

/** headerName is a header's name in lower case; what is no name, or belongs to the engine, throws "http/bad_header". */
export function headerName(name: string): string {
  const lower = name.toLowerCase();
  if (!TOKEN.test(lower)) throw badHeader(`${JSON.stringify(name)} is no header name`);
  if (FRAMING.has(lower)) throw badHeader(`${lower} is written by the server`);
  return lower;
}

/** headerValue is the value itself; one that would break out of its line throws "http/bad_header". */
export function headerValue(name: string, value: string): string {
  // The value may be what a client sent, so it does not go into the message.
  if (BAD_VALUE.test(value)) throw badHeader(`the value of ${name} has a character that a header cannot hold`);
  return value;
}

/** isAppended says whether a header may stand several times, so that a second value is added and replaces nothing. */
export function isAppended(name: string): boolean {
  return name === "set-cookie" || name === "vary" || name === "link" || name === "www-authenticate";
}

function badHeader(what: string): Failure {
  return new Failure(`http: header: ${what}`, { code: "internal", reason: "http/bad_header" });
}
