import { EventEmitter } from "node:events";
import type * as Pg from "pg";
import type { Ctx } from "../../context/index.ts";
import { orDone } from "../../context/or-done.ts";
import { Pool, Session, type Tx } from "../index.ts";
import type { PgConn } from "../postgres/conn.ts";
import { type LoadedPg, loadPg } from "../postgres/load.ts";
import { type Callback, callbackOf, tell } from "./callback.ts";
import { FaceClient, on } from "./client.ts";
import { type Seat, seatIn, seatOn } from "./control.ts";

/** PgPoolOptions says under which context the statements of others run. */
export interface PgPoolOptions {
  /**
   * ctx is asked at each connect and each statement: of an AsyncLocalStorage that a middleware sets, for example, or
   * `() => background` for a worker that has a life of its own.
   */
  readonly ctx: () => Ctx;
}

/** PgPool is a pool as node-postgres has it, over ours. */
export interface PgPool extends Pg.Pool {
  /** with is the same pool for statements that run under this context: cheap enough for each request. */
  with(ctx: Ctx): PgPool;
}

/**
 * pgPool shows a pool as node-postgres' Pool, for Kysely, Drizzle, pg-boss and others that take one. Rows, parsers,
 * `fields`, `rowMode` and the server's errors are node-postgres' own: names as they are, int8 as text.
 *
 * Ours are the bounds and the waits: acquireTimeoutMs, whose error names the holders; ctx, whose end cancels the
 * statement on the server; a lost connection ("sql/connection_lost"). COMMIT is not canceled, ROLLBACK runs even though
 * ctx is over. A statement canceled inside of a transaction leaves nothing but ROLLBACK. A client released inside of a
 * transaction is closed, which rolls back; "error" tells.
 *
 * Over a session, or a running transaction (`pool.tx`), all clients are that one connection; in a transaction BEGIN,
 * COMMIT and ROLLBACK are refused ("sql/foreign_transaction"), and savepoints work.
 *
 * end waits for the clients that are out and closes the face alone: the pool is its opener's. `query_timeout` of a query
 * is not taken: that is what ctx is for.
 */
export function pgPool(source: Pool | Session | Tx, options: PgPoolOptions): PgPool {
  return new FacePool({ source, events: undefined, held: new Set(), seen: new WeakSet() }, options.ctx) as never;
}

interface Shared {
  readonly source: Pool | Session | Tx;
  /** events is where listeners of any face are; undefined in the first. */
  readonly events: EventEmitter | undefined;
  readonly held: Set<Promise<unknown>>;
  readonly seen: WeakSet<PgConn>;
}

class FacePool extends EventEmitter {
  static {
    // Drizzle tells a pool from a client by this, and a bundler may call the class anything.
    Object.defineProperty(this, "name", { value: "PgPool" });
  }

  readonly options: object = {};
  readonly expiredCount = 0;
  ending = false;
  ended = false;
  readonly #shared: Shared;
  readonly #ctx: () => Ctx;

  constructor(shared: Shared, ctx: () => Ctx) {
    super();
    this.#shared = { ...shared, events: shared.events ?? this };
    this.#ctx = ctx;
  }

  get totalCount(): number {
    return this.idleCount + this.#stat("acquired");
  }

  get idleCount(): number {
    return this.#stat("idle");
  }

  get waitingCount(): number {
    return this.#stat("waiting");
  }

  with(ctx: Ctx): FacePool {
    return new FacePool(this.#shared, () => ctx);
  }

  connect(callback?: (err: unknown, client: unknown, done: (destroy?: unknown) => void) => void): unknown {
    const client = this.#connect();
    if (callback === undefined) return client;
    void tell(client, (err, it) => callback(err, it, (destroy) => it?.release(destroy)));
    return undefined;
  }

  query(config: unknown, values?: unknown, callback?: unknown): unknown {
    const then = callbackOf(values) ?? callbackOf(callback);
    const result = this.#query(config, typeof values === "function" ? undefined : values);
    if (then === undefined) return result;
    void tell(result, then);
    return undefined;
  }

  end(callback?: Callback): Promise<void> | undefined {
    const ended = this.#end();
    if (callback === undefined) return ended;
    void tell(ended, callback);
    return undefined;
  }

  async #query(config: unknown, values: unknown): Promise<unknown> {
    if (typeof config === "object" && config !== null && "submit" in config) {
      throw new TypeError("pool.query cannot run a cursor or stream: use a client of pool.connect()");
    }
    const client = await this.#connect();
    try {
      return await client.query(config, values);
    } finally {
      client.release();
    }
  }

  async #end(): Promise<void> {
    this.ending = true;
    await orDone(this.#ctx(), Promise.allSettled(this.#shared.held));
    this.ended = true;
  }

  async #connect(): Promise<FaceClient> {
    if (this.ending) throw new Error("Cannot use a pool after calling end on the pool");
    const pg = await loadPg();
    const { source } = this.#shared;
    const ctx = this.#ctx;
    if (source instanceof Pool) return await this.#checkOut(pg, source);
    const [seat, conn]: [Seat, PgConn | undefined] =
      source instanceof Session ? [seatOn(source.line), on(source.line.slot.conn)] : [seatIn(source), undefined];
    return new FaceClient({ pg, ctx, seat, conn, release: () => undefined });
  }

  async #checkOut(pg: LoadedPg, pool: Pool): Promise<FaceClient> {
    const ctx = this.#ctx;
    const { held, seen, events } = this.#shared;
    const got = Promise.withResolvers<FaceClient>();
    const freed = Promise.withResolvers<void>();
    let cut = false;
    // Named as its holder in messages.
    const holding = pool.withConn(ctx(), async function pgClient(_, { line }) {
      const conn = on(line.slot.conn);
      const release = (destroy: boolean): void => {
        cut = destroy;
        if (destroy) conn.destroy();
        events?.emit("release", undefined, client);
        freed.resolve();
      };
      const client = new FaceClient({ pg, ctx, seat: seatOn(line), conn, release });
      if (!seen.has(conn)) events?.emit("connect", client);
      seen.add(conn);
      events?.emit("acquire", client);
      got.resolve(client);
      await freed.promise;
    });
    held.add(holding);
    holding
      .catch((err: unknown) => {
        got.reject(err);
        // Too late for whoever had the client: it left a transaction open, or a statement running.
        if (!cut && (events?.listenerCount("error") ?? 0) > 0) events?.emit("error", err);
      })
      .finally(() => held.delete(holding));
    return await got.promise;
  }

  #stat(name: "acquired" | "idle" | "waiting"): number {
    const { source } = this.#shared;
    return source instanceof Pool ? source.stats()[name] : name === "acquired" ? 1 : 0;
  }
}
