import type { ServerHttp2Session } from "node:http2";
import type { Conn, Multiplexed } from "./conn.ts";

// The highest id that a client's stream may have: a GOAWAY with it says "no more", and loses nothing of what is on its way.
const LAST_STREAM = 2 ** 31 - 1;

/** Streamed is an exchange on a stream, as its connection looks after it. */
export interface Streamed {
  sweep(now: number): void;
}

/** Http2Conn is what the server knows of a connection that speaks HTTP/2. */
export class Http2Conn implements Multiplexed {
  readonly conn: Conn;
  readonly session: ServerHttp2Session;
  /** streams are the exchanges whose streams are open. */
  readonly streams: Set<Streamed> = new Set();
  /** unsettled is how many handlers run, also those whose streams were reset. */
  unsettled = 0;
  /** refused is how many streams were over the limit. */
  refused = 0;

  constructor(conn: Conn, session: ServerHttp2Session) {
    this.conn = conn;
    this.session = session;
  }

  get busy(): boolean {
    return this.streams.size > 0;
  }

  sweep(now: number): void {
    for (const stream of this.streams) stream.sweep(now);
  }

  /** goAway asks the client to open no more streams. Those that are on their way are still served. */
  goAway(): void {
    if (!this.session.destroyed && !this.session.closed) this.session.goaway(0, LAST_STREAM);
  }

  end(): void {
    this.session.close();
  }
}
