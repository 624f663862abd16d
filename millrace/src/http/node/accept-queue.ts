import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type Server, isIPv6 } from "node:net";

// More than the system gives in a read.
const CHUNK_BYTES = 64 * 1024;
// How long the table is read: it takes about 1.2 µs for a connection, and those in TIME_WAIT count.
const SCAN_MS = 200;

// Node has no way to call listen(2) again, and no descriptor, but its handle's.
interface Listening {
  readonly _handle?: { readonly fd?: number; readonly listen?: (backlog: number) => number } | null;
}

/**
 * setBacklog changes how many connections may wait to be accepted, plus one, where it can. While so many wait, the
 * system drops SYNs: such a client tries again after a second. It drops the last step of a handshake, too, and then the
 * client believes to be connected; what it sends is sent again, after 200 ms at first.
 * Source: listen(2), which may be called again to change the backlog; tcp_conn_request and tcp_v4_syn_recv_sock in Linux.
 */
export function setBacklog(server: Server, backlog: number): void {
  // The cast looks only for what is there.
  (server as Listening)._handle?.listen?.(backlog);
}

/** openAcceptQueue finds a listening server's queue in the system's table; undefined where there is none but Linux's. */
export function openAcceptQueue(server: Server): AcceptQueue | undefined {
  // As above.
  const socket = (server as Listening)._handle?.fd ?? -1;
  const address = server.address();
  if (socket < 0 || address === null || typeof address === "string") return undefined;
  let table: number;
  let inode: number;
  try {
    inode = fstatSync(socket).ino;
    table = openSync(isIPv6(address.address) ? "/proc/net/tcp6" : "/proc/net/tcp", "r");
  } catch {
    return undefined;
  }
  const queue = new AcceptQueue(table, inode, address.port);
  if (queue.waiting() !== undefined) return queue;
  queue[Symbol.dispose]();
  return undefined;
}

/**
 * AcceptQueue tells who waits to be accepted.
 * Source: proc_net_tcp in Linux's documentation; listening sockets come first, and their rx_queue counts who waits.
 */
export class AcceptQueue implements Disposable {
  readonly #table: number;
  readonly #listening: RegExp;
  readonly #shaking: RegExp;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);

  /** @internal use openAcceptQueue */
  constructor(table: number, inode: number, port: number) {
    this.#table = table;
    // State, tx_queue:rx_queue, timer, retransmits, uid, timeout, inode.
    this.#listening = new RegExp(` 0A \\w+:(\\w+) \\S+ \\w+ +\\d+ +\\d+ ${inode} `);
    this.#shaking = new RegExp(`:${hex(port)} \\w+:\\w+ 03 `);
  }

  /** waiting is how many connections wait; undefined when the table does not say. */
  waiting(): number | undefined {
    for (const rows of this.#read()) {
      const found = this.#listening.exec(rows.toString("latin1"))?.[1];
      if (found !== undefined) return Number.parseInt(found, 16);
    }
    return undefined;
  }

  /**
   * holdsOnly says whether the connection from a local port waits alone and nobody is in a handshake. A table that takes
   * longer than 200 ms to read is believed as far as it was read.
   */
  holdsOnly(port: number): boolean {
    if (this.waiting() !== 1) return false;
    const caller = `:${hex(port)} 01 `;
    const until = performance.now() + SCAN_MS;
    let found = false;
    for (const rows of this.#read()) {
      found ||= rows.includes(caller);
      if (rows.includes(" 03 ") && this.#shaking.test(rows.toString("latin1"))) return false;
      if (performance.now() > until) break;
    }
    // Whoever was let in on another processor before the queue was full is in it by now.
    return found && this.waiting() === 1;
  }

  [Symbol.dispose](): void {
    closeSync(this.#table);
  }

  // A read gives whole rows, about a page of them.
  *#read(): Generator<Buffer> {
    for (let position = 0; ;) {
      const size = readSync(this.#table, this.#chunk, 0, CHUNK_BYTES, position);
      if (size === 0) return;
      position += size;
      yield this.#chunk.subarray(0, size);
    }
  }
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
