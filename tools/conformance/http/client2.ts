import { once } from "node:events";
import { connect } from "node:net";
import { END_HEADERS, END_STREAM, TYPE, block, frame } from "./frames.ts";
import type { Row } from "./row.ts";

const PATIENCE_MS = 10_000;
const PIECE_MS = 15;
const PROBE_STREAM = 2 ** 20 + 1;
const PROBE = frame(TYPE.headers, END_STREAM | END_HEADERS, PROBE_STREAM, block("GET", "/probe"));
const PROBED = `${PROBE_STREAM}:200`;

// RFC 9113 section 7.
const CODES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
];
// RFC 7541 appendix A, from index 8.
const STATUSES = ["200", "204", "206", "304", "400", "404", "500"];

/** converse2 sends a row of frames and says what came back: "1:200 | 3:PROTOCOL_ERROR | goaway NO_ERROR | closed". */
export async function converse2(port: number, row: Row): Promise<string> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  let received = Buffer.alloc(0);
  let closed = false;
  let arrived = Promise.withResolvers<void>();
  const moved = (): void => {
    arrived.resolve();
    arrived = Promise.withResolvers<void>();
  };
  if (row.then === "deaf") socket.pause();
  socket.on("data", (chunk: Buffer) => (moved(), (received = Buffer.concat([received, chunk]))));
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
      if (typeof piece === "number") await until(() => eventsIn(received).length >= piece);
      else {
        if (i > 0) await new Promise((resolve) => void setTimeout(resolve, PIECE_MS));
        if (!closed) socket.write(piece, "latin1");
      }
    }
    if (row.then === undefined) socket.write(PROBE, "latin1");
    await until(() => eventsIn(received).includes(PROBED));
    const events = eventsIn(received);
    const open = events.includes(PROBED);
    return [...events.filter((event) => event !== PROBED), open ? "open" : closed ? "closed" : "silent"].join(" | ");
  } finally {
    socket.destroy();
  }
}

/** eventsIn are the answers, the streams that were reset, and the farewells in what was received, each once. */
export function eventsIn(received: Buffer): string[] {
  const events = new Set<string>();
  for (let at = 0; at + 9 <= received.length;) {
    const length = received.readUIntBE(at, 3);
    const stream = received.readUInt32BE(at + 5) & 0x7fffffff;
    const payload = received.subarray(at + 9, at + 9 + length);
    if (payload.length < length) break;
    at += 9 + length;
    const type = received[at - length - 6];
    if (type === TYPE.headers) events.add(`${stream}:${statusOf(payload)}`);
    else if (type === TYPE.reset) events.add(`${stream}:${CODES[payload.readUInt32BE(0)]}`);
    else if (type === TYPE.goAway) events.add(`goaway ${CODES[payload.readUInt32BE(4)]}`);
  }
  return [...events];
}

// The status comes first: from the static table, or as a literal of digits, in Huffman's code or not.
function statusOf(payload: Buffer): string {
  // nghttp2 may begin with a change of the table's size.
  const start = payload.findIndex((byte) => byte >> 5 !== 1);
  const first = payload[start] ?? 0;
  if (first & 0x80) return STATUSES[(first & 0x7f) - 8] ?? `index ${first & 0x7f}`;
  const size = payload[start + 1] ?? 0;
  const value = payload.subarray(start + 2, start + 2 + (size & 0x7f));
  if (!(size & 0x80)) return value.toString("latin1");
  const bits = [...value].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let digits = "";
  for (let at = 0; digits.length < 3;) {
    // RFC 7541 appendix B: 0 to 2 have five bits, from 00000 on; 3 to 9 have six, from 011001 on.
    const five = Number.parseInt(bits.slice(at, at + 5), 2);
    digits += five <= 2 ? five : Number.parseInt(bits.slice(at, at + 6), 2) - 0b011001 + 3;
    at += five <= 2 ? 5 : 6;
  }
  return digits;
}
