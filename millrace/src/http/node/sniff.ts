import type { Socket } from "node:net";

/** PREFACE is how a connection of HTTP/2 begins. Source: RFC 9113 section 3.4. */
const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Sniffed says which protocol a connection speaks. */
export type Sniffed = "http1" | "http2";

/**
 * sniff reads the first bytes of a connection, puts them back, and says whether they begin HTTP/2. It waits as long as
 * the client is silent; what ends that is up to the caller.
 */
export function sniff(socket: Socket, found: (what: Sniffed) => void): void {
  let seen: Buffer | undefined;
  const look = (): void => {
    // Without an encoding it is bytes that a socket gives.
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    seen = seen === undefined ? chunk : Buffer.concat([seen, chunk]);
    const size = Math.min(seen.length, PREFACE.length);
    const begins = seen.compare(PREFACE, 0, size, 0, size) === 0;
    if (begins && size < PREFACE.length) return;
    socket.off("readable", look).off("end", ended).off("error", ignore);
    socket.unshift(seen);
    found(begins ? "http2" : "http1");
  };
  const ended = (): void => void socket.end();
  socket.on("readable", look).on("end", ended).on("error", ignore);
}

const ignore = (): void => undefined;
