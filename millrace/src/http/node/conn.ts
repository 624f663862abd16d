import type { Socket } from "node:net";

/** Occupant is an exchange on a connection. */
export interface Occupant {
  /** disconnected tells it that its client has gone. */
  disconnected(): void;
}

/** Conn is what the server knows of a connection beside its socket. */
export class Conn {
  readonly socket: Socket;
  /** requests counts those that were taken up; the last of them has this number. */
  requests = 0;
  /** closing is set when `connection: close` has been promised: nothing more is served. */
  closing = false;
  /** failed is set when the parser has given up; its further complaints are not answered. */
  failed = false;
  /** timer destroys the socket if it lingers. */
  timer: NodeJS.Timeout | undefined = undefined;
  remoteAddress: string | undefined = undefined;

  // Nearly always there is one exchange at a time; others exist only when requests are pipelined.
  #current: Occupant | null = null;
  #others: Set<Occupant> | null = null;
  #quietSince = 0;
  #bytesRead = -1;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get busy(): boolean {
    return this.#current !== null || (this.#others !== null && this.#others.size > 0);
  }

  enter(occupant: Occupant): void {
    if (this.#current === null) this.#current = occupant;
    else (this.#others ??= new Set()).add(occupant);
  }

  leave(occupant: Occupant): void {
    if (this.#current === occupant) this.#current = null;
    else this.#others?.delete(occupant);
  }

  closed(): void {
    clearTimeout(this.timer);
    const all = [...(this.#current === null ? [] : [this.#current]), ...(this.#others ?? [])];
    for (const occupant of all) occupant.disconnected();
  }

  /** idleMs is for how long nothing has come or gone, as far as calls of this function could see. */
  idleMs(now: number): number {
    const read = this.socket.bytesRead;
    if (this.busy || this.socket.writableLength > 0 || read !== this.#bytesRead) {
      this.#bytesRead = read;
      this.#quietSince = now;
    }
    return now - this.#quietSince;
  }

  /** linger leaves the client a moment to read its answer before the socket is destroyed under what it still sends. */
  linger(ms: number): void {
    this.closing = true;
    this.timer ??= setTimeout(() => this.socket.destroy(), ms);
  }
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
