import type { Body, Reply } from "../reply.ts";
import { isAppended } from "../header.ts";
import { STATUS_TEXT } from "../status.ts";
import type { Merged } from "../traits.ts";
import { hasBody } from "./body.ts";
import type { WireExchange } from "./wire.ts";
import { pump } from "./pump.ts";

// An unread body up to this size is read and dropped to keep the connection; of a longer one the client is told to stop.
const DROPPED_BODY_BYTES = 256 * 1024;
// How much of it is read away, and how long, so that the answer is not lost to a reset.
const LINGER_BYTES = 1024 * 1024;
const LINGER_MS = 500;

/** send writes an answer; a body that is a stream goes on until the promise settles, all else is done with null. */
export function send(x: WireExchange, reply: Reply): Promise<void> | null {
  const { res, raw } = x;
  const { status, body } = reply;
  const length = lengthOf(reply);
  const bodiless = status === 204 || status === 304 || x.method === "HEAD";
  const chunked = length < 0 && !bodiless && raw.httpVersionMinor > 0;
  const unread = leavesBody(x);
  const last = closes(x) || (length < 0 && !bodiless && !chunked);

  let head = statusLine(status);
  if (reply.type !== "") head += `content-type: ${reply.type}\r\n`;
  head += headers(x, reply) + x.engine.dateLine;
  if (chunked) head += "transfer-encoding: chunked\r\n";
  else if (length >= 0 && status !== 204 && status !== 304) head += `content-length: ${length}\r\n`;
  if (last || unread) head += "connection: close\r\n";
  else if (raw.httpVersionMinor === 0) head += "connection: keep-alive\r\n";
  head += "\r\n";

  if (last) x.conn.closing = true;
  // A socket that lingers is ended by linger, not by Node, which would reset it.
  x.engine.writeHead(res, status, head, { chunked, bodiless, last: last && !unread });
  if (unread) linger(x);
  if (bodiless || body === null) {
    cancelBody(body, undefined);
    res.end();
    return null;
  }
  if (typeof body === "string") {
    x.sentBytes = length;
    // As many bytes as characters: the text is ASCII. Else, since Node joins head and text to one string, a head that
    // is not ASCII must not be encoded with it.
    if (length === body.length) res.end(body, "latin1");
    else if (ASCII.test(head)) res.end(body, "utf8");
    else res.end(Buffer.from(body, "utf8"));
    return null;
  }
  if (body instanceof Uint8Array) {
    x.sentBytes = length;
    res.end(body);
    return null;
  }
  return pump(x, body, reply.length);
}

/** cancelBody tells a stream that nobody will read it. */
export function cancelBody(body: Body, reason: unknown): void {
  if (body === null || typeof body === "string" || body instanceof Uint8Array) return;
  if (body instanceof ReadableStream) body.cancel(reason).catch(ignore);
  // A Node stream; anything else has not been started.
  else if ("destroy" in body && typeof body.destroy === "function") body.destroy();
}

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/;
const ignore = (): void => undefined;

const STATUS_LINES: readonly string[] = Array.from({ length: 600 }, (_, status) => {
  return `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? "Unknown"}\r\n`;
});

function statusLine(status: number): string {
  const line = STATUS_LINES[status];
  if (line === undefined || status < 200) throw new RangeError(`http: reply: ${status} is no status of an answer`);
  return line;
}

function lengthOf(reply: Reply): number {
  const { body } = reply;
  if (typeof body === "string") return Buffer.byteLength(body);
  if (body === null) return 0;
  return body instanceof Uint8Array ? body.byteLength : reply.length;
}

// The static headers in one piece, unless one of them is set otherwise for this answer.
function headers(x: WireExchange, reply: Reply): string {
  const { traits, head } = x;
  const own = reply.head;
  if (head === null && own === null) return traits.block;
  let out = "";
  if (own !== null) for (let i = 0; i < own.length; i += 2) out += `${own[i]}: ${own[i + 1]}\r\n`;
  if (head !== null) {
    for (let i = 0; i < head.length; i += 2) {
      if (!stands(own, head[i]!)) out += `${head[i]}: ${head[i + 1]}\r\n`;
    }
  }
  return out + staticHeaders(traits, head, own);
}

function staticHeaders(traits: Merged, head: string[] | null, own: string[] | null): string {
  const { names } = traits;
  let replaced = false;
  for (const name of names) replaced ||= stands(own, name) || stands(head, name);
  if (!replaced) return traits.block;
  return traits.lines.filter((_, i) => !stands(own, names[i]!) && !stands(head, names[i]!)).join("");
}

// Whether a list has a header that takes the place of another of its name.
function stands(list: string[] | null, name: string): boolean {
  if (list === null) return false;
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return !isAppended(name);
  return false;
}

// Whether the connection ends with this answer. Requests that are pipelined behind it have been taken up and are
// answered first, so only the last of them may say so.
function closes(x: WireExchange): boolean {
  if (!x.res.shouldKeepAlive) return true;
  const { conn, engine } = x;
  if (x.number !== conn.requests) return false;
  const max = engine.limits.maxRequestsPerConnection;
  return engine.draining || (max > 0 && x.number >= max);
}

// Whether more of the request is still to come than is worth reading.
function leavesBody(x: WireExchange): boolean {
  const { raw } = x;
  if (raw.complete || !hasBody(raw)) return false;
  if (x.mustContinue) return true;
  const length = raw.headers["content-length"];
  return length === undefined || Number(length) > DROPPED_BODY_BYTES;
}

// The client is still sending: a bounded part of that is read away, so that it gets to read its answer.
function linger(x: WireExchange): void {
  const { raw, res, conn } = x;
  const { socket } = conn;
  conn.linger(LINGER_MS);
  let left = LINGER_BYTES;
  raw.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) socket.destroy();
  });
  raw.once("end", () => socket.destroySoon());
  res.once("finish", () => socket.end());
  raw.resume();
}
