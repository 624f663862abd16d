/**
 * ToWorker is what the main thread sends to the worker: bytes of a connection, which the first of them opens; that the
 * client has left a connection; a request for a sign of life; the request to close the database and end.
 */
export type ToWorker =
  | readonly [kind: "data", connection: number, bytes: Uint8Array<ArrayBuffer>]
  | readonly [kind: "end", connection: number]
  | readonly [kind: "ping", id: number]
  | readonly [kind: "close"];

/**
 * FromWorker is what the worker sends: that the database is open; bytes of a connection; how many bytes of a connection
 * it has worked off; that the server has ended a connection; the sign of life; PostgreSQL's last words before it ends.
 */
export type FromWorker =
  | readonly [kind: "ready"]
  | readonly [kind: "data", connection: number, bytes: Uint8Array<ArrayBuffer>]
  | readonly [kind: "taken", connection: number, count: number]
  | readonly [kind: "end", connection: number]
  | readonly [kind: "pong", id: number]
  | readonly [kind: "fatal", message: string];

/** Task is what a worker is started for: to serve a data directory, or to make one and end. */
export interface Task {
  readonly task: "serve" | "make";
  readonly dir: string;
}

/** joined is chunks in one piece of memory that nothing else shares, so that it can be handed to another thread. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.byteLength;
  }
  return out;
}
