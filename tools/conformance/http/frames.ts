// Frames of HTTP/2 as latin1 text, right and wrong ones. Source: RFC 9113 section 4, RFC 7541.

/** PREFACE is how a client begins. */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** TYPE is what a frame is. */
export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  window: 8,
  continuation: 9,
} as const;

/** END_STREAM, END_HEADERS, PADDED and ACK are flags. */
export const END_STREAM = 1;
export const END_HEADERS = 4;
export const PADDED = 8;
export const ACK = 1;

/** frame is a frame; length may be another than the payload's. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload = "",
  length: number = payload.length,
): string {
  return String.fromCharCode(length >> 16, (length >> 8) & 255, length & 255, type, flags) + int32(stream) + payload;
}

/** int32 is four bytes. */
export function int32(n: number): string {
  return String.fromCharCode((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
}

/** setting is an entry of a SETTINGS frame. */
export function setting(id: number, value: number): string {
  return String.fromCharCode(id >> 8, id & 255) + int32(value);
}

/** START is what a client that does everything right begins with. */
export const START: string = PREFACE + frame(TYPE.settings, 0, 0);

/** field is a header as a literal that is not indexed. */
export function field(name: string, value: string): string {
  return `\0${size(name.length)}${name}${size(value.length)}${value}`;
}

function size(n: number): string {
  if (n < 127) return String.fromCharCode(n);
  let out = "\x7f";
  let left = n - 127;
  for (; left >= 128; left >>>= 7) out += String.fromCharCode((left & 127) | 128);
  return out + String.fromCharCode(left);
}

/** block is the header block of a request; fields that are given replace the usual ones, "" takes them away. */
export function block(method: string, path: string, fields: readonly (readonly [string, string])[] = []): string {
  const usual = [
    [":method", method],
    [":scheme", "http"],
    [":path", path],
    [":authority", "x"],
  ] as const;
  const kept = usual.filter(([name]) => !fields.some(([other, value]) => other === name && value === ""));
  return [...kept, ...fields.filter(([, value]) => value !== "")].map(([name, value]) => field(name, value)).join("");
}

/** get is a whole request. */
export function get(stream: number, path: string, fields?: readonly (readonly [string, string])[]): string {
  return frame(TYPE.headers, END_STREAM | END_HEADERS, stream, block("GET", path, fields));
}

/** post is the head of a request with a body. */
export function post(stream: number, path: string, fields?: readonly (readonly [string, string])[]): string {
  return frame(TYPE.headers, END_HEADERS, stream, block("POST", path, fields));
}

/** data is a piece of a body. */
export function data(stream: number, text: string, flags: number = END_STREAM): string {
  return frame(TYPE.data, flags, stream, text);
}
