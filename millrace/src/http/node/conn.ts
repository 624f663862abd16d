import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Occupant is an exchange on a connection. */
export interface Occupant {
  readonly res: ServerResponse;
  /** disconnected tells it that its client has gone. */
  disconnected(): void;
}

/** Multiplexed is what a connection is for a protocol that has many requests on it at once. */
export interface Multiplexed {
  readonly busy: boolean;
  /** sweep ends the requests that take too long to come or to be read. */
  sweep(now: number): void;
  /** goAway asks the client to send no further requests. */
  goAway(): void;
  /** end closes the connection when its requests have been answered. */
  end(): void;
}

/** Waiting is a request that was pipelined. */
interface Waiting {
  readonly res: ServerResponse;
  take: () => void;
}

// From so many waiting requests on, no more are read. What came in the same read, 64 kB at most, waits with them.
const MAX_WAITING = 16;

/** Conn is what the server knows of a connection beside its socket. */
export class Conn {
  readonly socket: Socket;
  readonly openedAt: number = performance.now();
  /** requests counts those that were taken up; the last of them has this number. */
  requests = 0;
  /** closing is set when `connection: close` has been promised: nothing more is served. */
  closing = false;
  /** failed is set when the parser has given up; its further complaints are not answered. */
  failed = false;
  /** timer destroys the socket if it lingers. */
  timer: NodeJS.Timeout | undefined = undefined;
  /** mux is set when the connection speaks HTTP/2. */
  mux: Multiplexed | null = null;
  /** sniffing is set until the first bytes have said which protocol it is. */
  sniffing = false;
  #remoteAddress: string | undefined = undefined;

  #current: Occupant | null = null;
  #waiting = 0;
  #newest: Waiting | null = null;
  #paused = false;
  #stay: (() => void) | undefined = undefined;
  #quietSince = 0;
  #bytesRead = -1;
  #sent = 0;
  #stalledSince = 0;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get remoteAddress(): string {
    return (this.#remoteAddress ??= this.socket.remoteAddress ?? "");
  }

  get scheme(): "http" | "https" {
    return "encrypted" in this.socket ? "https" : "http";
  }

  /** busy says whether a request is being answered, or waits for that. */
  get busy(): boolean {
    return this.#current !== null || this.#waiting > 0 || this.mux?.busy === true;
  }

  /** waits says whether a request waits for its turn. */
  get waits(): boolean {
    return this.#waiting > 0;
  }

  enter(occupant: Occupant): void {
    this.#current = occupant;
  }

  leave(occupant: Occupant): void {
    if (this.#current === occupant) this.#current = null;
  }

  /**
   * inTurn takes up a request that was pipelined when Node gives its response the socket: when the answers before it have
   * gone out. So one is served at a time, and a client cannot have many answers made that it does not read.
   */
  inTurn(res: ServerResponse, take: () => void): void {
    const entry: Waiting = { res, take };
    this.#newest = entry;
    if (++this.#waiting >= MAX_WAITING && !this.#paused) this.#pause();
    res.once("socket", () => {
      if (this.#newest === entry) this.#newest = null;
      if (--this.#waiting < MAX_WAITING && this.#paused) this.#resume();
      entry.take();
    });
  }

  /** lastWords calls a function instead of taking up the newest request, or when that has been answered. */
  lastWords(instead: boolean, say: () => void): void {
    if (instead && this.#newest !== null) {
      this.#newest.take = say;
      return;
    }
    const before = this.#newest?.res ?? this.#current?.res;
    if (before === undefined) say();
    else before.once("finish", say);
  }

  closed(): void {
    clearTimeout(this.timer);
    this.#current?.disconnected();
  }

  #pause(): void {
    this.#paused = true;
    // Node reads on after every answer, so it is told again.
    if (this.#stay === undefined) {
      this.#stay = () => void (this.#paused && this.socket.pause());
      this.socket.on("resume", this.#stay);
    }
    this.socket.pause();
  }

  #resume(): void {
    this.#paused = false;
    this.socket.resume();
  }

  /** idleMs is for how long nothing was asked or answered, as far as calls of this function could see. */
  idleMs(now: number): number {
    // What a client says on HTTP/2 while it asks for nothing, as its PINGs, does not count.
    const read = this.mux === null ? this.socket.bytesRead : 0;
    if (this.busy || this.socket.writableLength > 0 || read !== this.#bytesRead) {
      this.#bytesRead = read;
      this.#quietSince = now;
    }
    return now - this.#quietSince;
  }

  /** stalledMs is for how long the client has read nothing of what waits for it, as far as calls could see. */
  stalledMs(now: number): number {
    const sent = this.socket.bytesWritten - queuedBytes(this.socket);
    if (this.socket.writableLength === 0 || sent !== this.#sent) {
      this.#sent = sent;
      this.#stalledSince = now;
    }
    return now - this.#stalledSince;
  }

  /** end closes the connection, after what is still on its way. */
  end(): void {
    if (this.mux !== null) this.mux.end();
    else this.socket.destroySoon();
  }

  /** linger leaves the client a moment to read its answer before the socket is destroyed under what it still sends. */
  linger(ms: number): void {
    this.closing = true;
    this.timer ??= setTimeout(() => this.socket.destroy(), ms);
  }
}

// What Node has handed to libuv and the system has not taken. One large write is one chunk for a stream, which tells
// nothing of how it gets on; under TLS it is the handle below that knows.
interface Handled {
  readonly _handle?: Queue & { readonly _parent?: Queue };
}

interface Queue {
  readonly writeQueueSize?: number;
}

function queuedBytes(socket: Socket): number {
  // The cast looks only for what is there.
  const handle = (socket as Handled)._handle;
  return (handle?._parent ?? handle)?.writeQueueSize ?? socket.writableLength;
}

const CONN = Symbol("millrace.conn");

interface WithConn {
  [CONN]?: Conn;
}

/** attachConn gives a socket its Conn. */
export function attachConn(socket: Socket): Conn {
  const conn = new Conn(socket);
  (socket as WithConn)[CONN] = conn;
  return conn;
}

/** connOf is the Conn of a socket that attachConn has seen. */
export function connOf(socket: Socket): Conn {
  return (socket as WithConn)[CONN] ?? attachConn(socket);
}
