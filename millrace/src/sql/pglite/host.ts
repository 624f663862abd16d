import type { Worker } from "node:worker_threads";
import type { Ctx } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import type { FromWorker, ToWorker } from "./channel.ts";
import { orDone } from "../../context/or-done.ts";
import { PortStream } from "./stream.ts";
import { startFailure, startThread } from "./thread.ts";

// How long a query that runs may delay the end of the worker. What it has not committed is rolled back at the next start.
const CLOSE_MS = 10_000;

/**
 * PgliteHost is the main thread's side of the embedded PostgreSQL: it starts the worker over a data directory and gives
 * out connections to it.
 *
 * It keeps the process alive while a connection is open (and not unref'd) or one of its own calls is waiting, as a pool
 * of sockets would; an idle one does not. A process that ends without close loses nothing.
 */
export class PgliteHost {
  readonly #dir: string;
  readonly #cleanUp: () => void | Promise<void>;
  readonly #worker: Worker;
  readonly #streams: Map<number, PortStream> = new Map();
  readonly #pings: Map<number, PromiseWithResolvers<void>> = new Map();
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #gone: PromiseWithResolvers<void> = Promise.withResolvers();
  // Who keeps the process alive: streams, pings and calls.
  readonly #holders: Set<unknown> = new Set();
  #lastId = 0;
  #closing = false;
  #cause: unknown = undefined;
  #down: Failure | undefined = undefined;

  private constructor(dir: string, cleanUp: () => void | Promise<void>) {
    this.#dir = dir;
    this.#cleanUp = cleanUp;
    this.#worker = startThread({ task: "serve", dir });
    this.#worker.on("message", (m: FromWorker) => this.#receive(m));
    this.#worker.on("error", (err) => (this.#cause = err));
    this.#worker.on("exit", () => void this.#end());
  }

  /**
   * open starts the worker over a directory that is prepared and locked, and resolves when the database is open.
   * cleanUp is called once, when the worker has ended, also if that is before.
   */
  static async open(dir: string, cleanUp: () => void | Promise<void> = () => {}): Promise<PgliteHost> {
    const host = new PgliteHost(dir, cleanUp);
    await host.#ready.promise;
    host.#hold(host, false);
    return host;
  }

  /** down is why the worker has gone, undefined while it is there. */
  get down(): Failure | undefined {
    return this.#down;
  }

  /** gone resolves when the worker has ended, however it did, and all is cleaned up. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** connect opens a connection, to be spoken to in PostgreSQL's protocol; that it cannot be had shows as its error. */
  connect(): PortStream {
    const id = ++this.#lastId;
    const stream: PortStream = new PortStream({
      send: (bytes) => this.#post(["data", id, bytes], bytes),
      leave: () => {
        if (this.#streams.delete(id)) this.#post(["end", id]);
      },
      hold: (on) => this.#hold(id, on),
    });
    if (this.#down !== undefined) stream.destroy(this.#down);
    else this.#streams.set(id, stream);
    return stream;
  }

  /**
   * ping asks the worker for a sign of life. It waits for a query that runs, since that has the thread to itself, but
   * for no transaction that is merely open.
   */
  async ping(ctx: Ctx): Promise<void> {
    if (this.#down !== undefined) throw this.#down;
    const id = ++this.#lastId;
    const pong = Promise.withResolvers<void>();
    this.#pings.set(id, pong);
    this.#hold(id, true);
    try {
      this.#post(["ping", id]);
      await orDone(ctx, pong.promise);
    } finally {
      this.#pings.delete(id);
      this.#hold(id, false);
    }
  }

  /** close fails the connections that are open, closes the database and resolves when the worker has ended. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#hold(this, true);
    for (const stream of this.#streams.values()) stream.destroy(this.#failure());
    this.#post(["close"]);
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_MS);
    await this.#gone.promise;
    clearTimeout(timer);
  }

  /** kill ends the worker at once, as a crash would; for tests. @internal */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(m: FromWorker): void {
    switch (m[0]) {
      case "ready":
        return this.#ready.resolve();
      case "data":
        return this.#streams.get(m[1])?.received(m[2]);
      case "taken":
        return this.#streams.get(m[1])?.taken(m[2]);
      case "end":
        return this.#streams.get(m[1])?.ended();
      case "pong":
        return this.#pings.get(m[1])?.resolve();
      case "fatal":
        this.#cause = new Error(m[1]);
        return undefined;
    }
  }

  async #end(): Promise<void> {
    const down = (this.#down = this.#failure());
    for (const stream of this.#streams.values()) stream.destroy(down);
    for (const pong of this.#pings.values()) pong.reject(down);
    await this.#cleanUp();
    this.#ready.reject(startFailure(this.#dir, this.#cause));
    this.#gone.resolve();
  }

  // Not retryable: what was running may have been committed.
  #failure(): Failure {
    const retryable = false;
    return this.#closing
      ? new Failure("sql: pglite: the database has been closed", {
          code: "unavailable",
          reason: "sql/pglite_closed",
          retryable,
        })
      : new Failure(`sql: pglite: the worker over ${this.#dir} has ended`, {
          code: "unavailable",
          reason: "sql/pglite_down",
          cause: this.#cause,
          retryable,
        });
  }

  #post(m: ToWorker, bytes?: Uint8Array<ArrayBuffer>): void {
    this.#worker.postMessage(m, bytes === undefined ? [] : [bytes.buffer]);
  }

  #hold(holder: unknown, on: boolean): void {
    if (on) this.#holders.add(holder);
    else this.#holders.delete(holder);
    if (this.#holders.size > 0) this.#worker.ref();
    else this.#worker.unref();
  }
}
