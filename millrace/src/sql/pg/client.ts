import { EventEmitter } from "node:events";
import type * as Pg from "pg";
import type { Ctx } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import type { Conn } from "../driver.ts";
import { PgConn } from "../postgres/conn.ts";
import type { LoadedPg } from "../postgres/load.ts";
import { type Callback, callbackOf, tell } from "./callback.ts";
import type { Seat } from "./control.ts";
import { Guard } from "./guard.ts";

// The names of statements that the pool prepares for itself are another family.
const NAME_PREFIX = "pg:";
const EVENTS = ["notification", "notice", "error", "end"] as const;

/** ClientOptions is what a client of the face stands on. @internal */
export interface ClientOptions {
  readonly pg: LoadedPg;
  readonly seat: Seat;
  /** ctx is asked for each statement. */
  readonly ctx: () => Ctx;
  /** conn is the held connection, undefined inside of a transaction of ours. */
  readonly conn: PgConn | undefined;
  /** release gives the connection back. */
  readonly release: (destroy: boolean) => void;
}

// What pg takes; not all of it is declared.
type Config = Omit<Pg.QueryConfig, "values"> &
  Partial<Record<"values" | "rowMode" | "binary" | "rows" | "portal" | "queryMode", unknown>>;

/** FaceClient is a pg.PoolClient: a connection of our pool from connect to release. @internal */
export class FaceClient extends EventEmitter {
  readonly #options: ClientOptions;
  readonly #stopListening: () => void;
  // The end of the statement that was queued last.
  #last: Promise<unknown> | undefined = undefined;
  #released = false;

  constructor(options: ClientOptions) {
    super();
    this.#options = options;
    this.#stopListening = this.#listen(options.conn?.client);
  }

  /** processID is the server's process, for pg_cancel_backend. */
  get processID(): number | undefined {
    return (this.#options.conn?.client as { processID?: number } | undefined)?.processID;
  }

  connect(): never {
    throw new Error("Client has already been connected. You cannot reuse a client.");
  }

  query(config: unknown, values?: unknown, callback?: unknown): unknown {
    if (config === null || config === undefined) {
      throw new TypeError("Client was passed a null or undefined query");
    }
    if (typeof config === "object" && "submit" in config) return this.#submit(config as Pg.Submittable);
    const query = typeof config === "string" ? { text: config } : (config as Pg.QueryConfig);
    const then = callbackOf(values) ?? callbackOf(callback) ?? callbackOf((query as { callback?: unknown }).callback);
    const result = this.#query(query, callbackOf(values) === undefined ? values : undefined);
    if (then === undefined) return result;
    void tell(result, then);
    return undefined;
  }

  /** release gives the connection back to the pool; true or an error closes it instead. */
  release(destroy?: unknown): void {
    if (this.#released) throw new Error("Release called on client which has already been released to the pool.");
    this.#released = true;
    this.#stopListening();
    this.#options.release(Boolean(destroy));
  }

  async #query(config: Pg.QueryConfig, values: unknown): Promise<unknown> {
    const { pg, ctx, seat } = this.#options;
    // Field by field: a config may be of a class with getters, and Query would write to it.
    const { text, name, rowMode, types, binary, rows, portal, queryMode } = config as Config;
    const all: Config = { text, values: values ?? config.values, rowMode, types, binary, rows, portal, queryMode };
    if (name !== undefined) all.name = `${NAME_PREFIX}${name}`;
    const query = new pg.Query(all as unknown as Pg.QueryConfig);
    const outcome: { err?: unknown; result?: unknown } = {};
    const own = query as unknown as { callback: Callback };
    own.callback = (err, result) => {
      outcome.err ??= err ?? undefined;
      outcome.result = result;
    };
    const under = ctx();
    try {
      return await this.#next(() =>
        seat(under, text, async (conn) => {
          await on(conn).submit(query, text);
          if (outcome.err !== undefined) throw outcome.err;
          return outcome.result;
        }),
      );
    } catch (err) {
      // It was made where the server's answer arrived; here the stack leads to the caller.
      if (err instanceof Error && err === outcome.err) Error.captureStackTrace(err);
      throw err;
    }
  }

  #submit(foreign: Pg.Submittable): unknown {
    const { ctx, seat } = this.#options;
    const guard = new Guard(foreign);
    const under = ctx();
    const end = this.#next(() =>
      seat(under, guard.text, (conn) =>
        on(conn)
          .submit(guard as never, guard.text)
          .finally(() => guard.end()),
      ),
    );
    end.catch((err: unknown) => guard.fail(err));
    return foreign;
  }

  // pg's clients queue; ours, which take one statement at a time, are queued for.
  async #next<T>(run: () => Promise<T>): Promise<T> {
    if (this.#released) throw new Error("Client was closed and is not queryable: it has been released to the pool");
    const before = this.#last;
    const mine = before === undefined ? run() : before.then(run);
    const settled = mine.then(ignore, ignore);
    this.#last = settled;
    try {
      return await mine;
    } finally {
      if (this.#last === settled) this.#last = undefined;
    }
  }

  // As pg's own, but for "error": without a listener it is not thrown, since the next statement says the same.
  #listen(client: Pg.Client | undefined): () => void {
    const relays = EVENTS.map((event) => {
      const relay = (...args: unknown[]): void => {
        if (this.listenerCount(event) > 0) this.emit(event, ...args);
      };
      client?.on(event as "end", relay);
      return () => client?.off(event, relay);
    });
    return () => relays.forEach((stop) => stop());
  }
}

/** on says whether a connection speaks through pg. @internal */
export function on(conn: Conn): PgConn {
  if (conn instanceof PgConn) return conn;
  throw new Failure("sql: pgPool: needs a pool over postgres() or pglite()", {
    code: "failed_precondition",
    reason: "sql/no_driver",
  });
}

function ignore(): void {}
