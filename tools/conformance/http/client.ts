import { once } from "node:events";
import { connect } from "node:net";
import type { Row } from "./row.ts";

// Longer than every limit of the servers.
const PATIENCE_MS = 10_000;
// So that the pieces of a row arrive as pieces.
const PIECE_MS = 15;
const PROBE = "GET /probe HTTP/1.1\r\nhost: x\r\n\r\n";
const PROBED = "200 GET /probe";

/** converse sends a row to a port of this machine and says what came back, in the words of Row.want. */
export async function converse(port: number, row: Row): Promise<string> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  let received = "";
  let closed = false;
  let arrived = Promise.withResolvers<void>();
  const moved = (): void => {
    arrived.resolve();
    arrived = Promise.withResolvers<void>();
  };
  socket.on("data", (chunk: Buffer) => (moved(), (received += chunk.toString("latin1"))));
  // A reset is a way of closing here: an answer that is lost by it is missed.
  socket.on("error", () => undefined).on("close", () => (moved(), (closed = true)));
  const late = AbortSignal.timeout(PATIENCE_MS);
  late.addEventListener("abort", moved);
  const until = async (done: () => boolean): Promise<void> => {
    while (!done() && !closed && !late.aborted) await arrived.promise;
  };
  try {
    await once(socket, "connect");
    const pieces = typeof row.send === "string" ? [row.send] : row.send;
    for (const [i, piece] of pieces.entries()) {
      if (typeof piece === "number") await until(() => answersIn(received).length >= piece);
      else {
        if (i > 0) await new Promise((resolve) => void setTimeout(resolve, PIECE_MS));
        if (!closed) socket.write(piece, "latin1");
      }
    }
    if (row.then === "end") socket.end();
    else if (row.then !== "nothing") socket.write(PROBE);
    await until(() => answersIn(received).at(-1) === PROBED);
    const answers = answersIn(received);
    const open = answers.at(-1) === PROBED;
    return [...(open ? answers.slice(0, -1) : answers), open ? "open" : closed ? "closed" : "silent"].join(" | ");
  } finally {
    socket.destroy();
  }
}

/** answersIn are the complete answers in what was received; what cannot be an answer is named as it is. */
export function answersIn(received: string): string[] {
  const answers: string[] = [];
  for (let at = 0; at < received.length;) {
    const end = received.indexOf("\r\n\r\n", at);
    if (end < 0) break;
    const text = received.slice(at, end + 2);
    const status = /^HTTP\/1\.[01] (\d{3}) /.exec(text)?.[1];
    if (status === undefined) return [...answers, `garbage ${JSON.stringify(received.slice(at, at + 40))}`];
    const echo = /^x-echo: (.*)\r$/im.exec(text)?.[1] ?? "";
    const bodiless = Number(status) < 200 || status === "204" || status === "304" || echo.startsWith("HEAD ");
    const next = bodiless ? end + 4 : bodyEnd(received, end + 4, text);
    if (next < 0) break;
    answers.push(echo === "" ? status : `${status} ${echo}`);
    at = next;
  }
  return answers;
}

// Where the body ends that begins at a place; -1 while it is not all there.
function bodyEnd(received: string, at: number, text: string): number {
  if (/^transfer-encoding: chunked\r$/im.test(text)) {
    const end = received.indexOf("0\r\n\r\n", at);
    return end < 0 ? -1 : end + 5;
  }
  const length = Number(/^content-length: (\d+)\r$/im.exec(text)?.[1] ?? 0);
  return at + length <= received.length ? at + length : -1;
}
