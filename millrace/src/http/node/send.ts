import type { Reply } from "../reply.ts";
import { STATUS_TEXT } from "../status.ts";
import { headerLines, lengthOf } from "./reply-head.ts";
import type { Http1Exchange } from "./http1-exchange.ts";
import { cancelBody, pump } from "./pump.ts";

// An unread body up to this size is read and dropped to keep the connection; of a longer one the client is told to stop.
const DROPPED_BODY_BYTES = 256 * 1024;
// How much of it is read away, and how long, so that the answer is not lost to a reset.
const LINGER_BYTES = 1024 * 1024;
const LINGER_MS = 500;

/** send writes an answer; a body that is a stream goes on until the promise settles, all else is done with null. */
export function send(x: Http1Exchange, reply: Reply): Promise<void> | null {
  const { res, raw } = x;
  const { status, body } = reply;
  const length = lengthOf(reply);
  const bodiless = status === 204 || status === 304 || x.method === "HEAD";
  const chunked = length < 0 && !bodiless && raw.httpVersionMinor > 0;
  const unread = leavesBody(x);
  const last = closes(x) || (length < 0 && !bodiless && !chunked);

  let head = statusLine(status);
  if (reply.type !== "") head += `content-type: ${reply.type}\r\n`;
  head += headerLines(x, reply) + x.engine.dateLine;
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
  return pump(x, body, reply);
}

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

const STATUS_LINES: readonly string[] = Array.from({ length: 600 }, (_, status) => {
  return `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? "Unknown"}\r\n`;
});

function statusLine(status: number): string {
  const line = STATUS_LINES[status];
  if (line === undefined || status < 200) throw new RangeError(`http: reply: ${status} is no status of an answer`);
  return line;
}

// Whether the connection ends with this answer. In a drain, requests that are pipelined behind it have been accepted and
// are answered first, so only the last of them may say so.
function closes(x: Http1Exchange): boolean {
  if (!x.res.shouldKeepAlive) return true;
  const { conn, engine } = x;
  const max = engine.limits.maxRequestsPerConnection;
  return x.refused || (max > 0 && x.number >= max) || (engine.draining && !conn.waits);
}

// Whether more of the request is still to come than is worth reading.
function leavesBody(x: Http1Exchange): boolean {
  const { raw } = x;
  if (raw.complete || !x.hasBody) return false;
  if (x.mustContinue || x.refused) return true;
  const length = raw.headers["content-length"];
  return length === undefined || Number(length) > DROPPED_BODY_BYTES;
}

// The client is still sending: a bounded part of that is read away, so that it gets to read its answer.
function linger(x: Http1Exchange): void {
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
