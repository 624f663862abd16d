import type { Socket } from "node:net";
import type { IncomingMessage, ServerResponse } from "node:http";
import { STATUS_TEXT } from "../status.ts";
import { type Conn, connOf } from "./conn.ts";

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
 * answerClientError answers what the parser has refused or what came too slowly, after everything that came before it on
 * the connection, and closes the connection. If an answer to this very request has begun, or was sent before its body had
 * come, the socket is destroyed: a second answer on it would be taken for that of another request.
 */
export function answerClientError(err: NodeJS.ErrnoException, socket: HttpSocket): void {
  const conn = connOf(socket);
  // Bytes behind the last request of the connection are nobody's; its answer is on its way.
  if (conn.failed || (err.code === "HPE_CLOSED_CONNECTION" && conn.busy)) return;
  if (conn.closing) {
    if (conn.timer === undefined) socket.destroy();
    return;
  }
  conn.failed = true;
  const incoming = socket.parser?.incoming ?? null;
  const inBody = incoming !== null && !incoming.complete;
  const answer = (): void => refuse(conn, statusOf(err));
  const left = !socket.writable || err.code === "ECONNRESET";
  // A client that goes in the middle of a request while others are answered has left them all.
  if (left || (err.code === "HPE_INVALID_EOF_STATE" && conn.busy && !inBody)) socket.destroy();
  else if (!inBody || conn.waits) conn.lastWords(inBody, answer);
  else if (conn.busy && socket._httpMessage?.headersSent === false) answer();
  else socket.destroy();
}

/** refuse writes an answer to what never became a request, and closes the connection. */
export function refuse(conn: Conn, status: number): void {
  if (conn.closing || !conn.socket.writable) return;
  const title = STATUS_TEXT[status] ?? "";
  const body = JSON.stringify({
    type: "about:blank",
    title,
    status,
    code: "invalid_argument",
    reason: "http/malformed",
  });
  conn.socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
  conn.linger(LINGER_MS);
}

function statusOf(err: NodeJS.ErrnoException & { readonly reason?: string }): number {
  // Other complaints about the version are about its form.
  if (err.reason === "Invalid HTTP version") return 505;
  return STATUS[err.code ?? ""] ?? 400;
}
