import type { Socket } from "node:net";
import type { IncomingMessage, ServerResponse } from "node:http";
import { STATUS_TEXT } from "../status.ts";
import { connOf } from "./conn.ts";

// What node:http keeps on a socket; it says which message the bytes of the socket belong to.
interface HttpSocket extends Socket {
  readonly _httpMessage?: ServerResponse | null;
  readonly parser?: { readonly incoming?: IncomingMessage | null } | null;
}

const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

// How long the client has to read the answer while what it still sends is read away.
const LINGER_MS = 500;

/**
 * answerClientError answers a request that the parser has refused or that came too slowly, and closes the connection.
 * If an answer has begun, or this very request was answered before its body had come, the socket is destroyed: a second
 * answer on it would be taken for that of another request.
 */
export function answerClientError(err: NodeJS.ErrnoException, socket: HttpSocket): void {
  const conn = connOf(socket);
  if (conn.failed || conn.closing) {
    if (!conn.failed && conn.timer === undefined) socket.destroy();
    return;
  }
  conn.failed = true;
  const incoming = socket.parser?.incoming ?? null;
  const answeredEarly = incoming !== null && !incoming.complete && !conn.busy;
  if (!socket.writable || answeredEarly || socket._httpMessage?.headersSent === true || err.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = STATUS[err.code ?? ""] ?? 400;
  const title = STATUS_TEXT[status] ?? "";
  const body = JSON.stringify({
    type: "about:blank",
    title,
    status,
    code: "invalid_argument",
    reason: "http/malformed",
  });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
  conn.linger(LINGER_MS);
}
