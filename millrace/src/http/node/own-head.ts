import type { ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import { http } from "./node-http.ts";
import type { Socket } from "node:net";

/**
 * Internals are the fields of Node's ServerResponse that the server sets, so that a head is one string and is neither
 * checked nor built header by header. They are touched in this file alone; worksWith says whether they still mean
 * what they meant, and writeHead serves where they do not. Source: node lib/_http_outgoing.js.
 */
interface Internals {
  _header: string | null;
  _hasBody: boolean;
  _last: boolean;
  chunkedEncoding: boolean;
}

/** Framing says how the end of a message is found. */
export interface Framing {
  readonly chunked: boolean;
  readonly bodiless: boolean;
  /** last closes the connection after this answer. */
  readonly last: boolean;
}

/** HeadWriter gives a response its head, ready for end() or write(). */
export type HeadWriter = (res: ServerResponse, status: number, head: string, framing: Framing) => void;

/** headWriter is the quick writer if this Node's responses still work as it expects, else the one over writeHead. */
export function headWriter(): HeadWriter {
  return worksWith(ownHead) ? ownHead : overWriteHead;
}

/** ownHead sets the head as it is. */
export function ownHead(res: ServerResponse, status: number, head: string, framing: Framing): void {
  // The cast holds as long as the probe does.
  const own = res as unknown as Internals;
  res.statusCode = status;
  own._header = head;
  if (framing.bodiless) own._hasBody = false;
  if (framing.chunked) own.chunkedEncoding = true;
  if (framing.last) own._last = true;
}

/** overWriteHead gives Node the head line by line. */
export function overWriteHead(res: ServerResponse, status: number, head: string, framing: Framing): void {
  const lines = head.split("\r\n").slice(1, -2);
  res.sendDate = false;
  if (framing.last) res.shouldKeepAlive = false;
  res.writeHead(
    status,
    lines.flatMap((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
}

/** worksWith sends an answer into a sink and looks whether the bytes are the right ones. */
export function worksWith(write: HeadWriter): boolean {
  const head = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
  const chunks: string[] = [];
  const sink = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk.toString("latin1"));
      done();
    },
  });
  try {
    // Neither looks at more of its socket than a stream has.
    const res = new http.ServerResponse(new http.IncomingMessage(sink as Socket));
    res.assignSocket(sink as Socket);
    write(res, 200, head, { chunked: false, bodiless: false, last: false });
    res.end("ok", "latin1");
    return chunks.join("") === `${head}ok`;
  } catch {
    return false;
  }
}
