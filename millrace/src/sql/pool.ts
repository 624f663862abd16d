import { type Ctx, background, withTimeout } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import type { Driver, Result } from "./driver.ts";
import { execute } from "./execute.ts";
import type { Call } from "./feed.ts";
import { observed } from "./hooks.ts";
import { label } from "./label.ts";
import { Lanes } from "./lanes.ts";
import { type ListenOptions, Listening, type Notification, listen } from "./listen.ts";
import { Line } from "./line.ts";
import { type Bounds, type PoolOptions, boundsOf } from "./options.ts";
import { Statements } from "./querier.ts";
import { retrying } from "./retry.ts";
import { enterScope, refuseNested } from "./scope.ts";
import { Session } from "./session.ts";
import type { Slot } from "./slot.ts";
import { Slots } from "./slots.ts";
import type { PoolStats } from "./stats.ts";
import { DEFAULT_ATTEMPTS, OpenTx, Tx, type TxFn, type TxOptions } from "./tx.ts";

// What disposing a pool gives its holders to finish.
const DISPOSE_MS = 2000;

/**
 * openPool opens a pool over a driver, which the pool owns from now on, with minConns connections. If those cannot be
 * had, it throws what the driver said ("sql/connect_failed", …) and leaves nothing open.
 */
export async function openPool(ctx: Ctx, driver: Driver, options: PoolOptions = {}): Promise<Pool> {
  return await openBounded(ctx, driver, boundsOf(options));
}

/** openBounded is openPool with options that were checked. @internal */
export async function openBounded(ctx: Ctx, driver: Driver, bounds: Bounds): Promise<Pool> {
  const lanes = driver.openLane === undefined ? 0 : bounds.lanes;
  const slots = new Slots(driver, { ...bounds, maxConns: bounds.maxConns - lanes });
  const pool = new Pool(slots, { ...bounds, lanes });
  try {
    await slots.openFirst(ctx);
    return pool;
  } catch (err) {
    await pool.close(background);
    throw err;
  }
}

/**
 * Pool runs statements and transactions on a bounded number of connections.
 *
 * A caller waits for a connection in order of arrival, until its ctx ends or acquireTimeoutMs is over
 * (resource_exhausted, "sql/pool_timeout"; the message names who holds the connections). Whoever holds a connection and
 * asks the pool for a second one gets failed_precondition ("sql/nested_acquire") at once.
 *
 * When ctx ends while a statement runs, the caller gets its error at once, the statement is canceled on the server, and
 * the connection serves the next caller when the server has confirmed. Lost connections are replaced when needed.
 *
 * A deadline of ctx adds nothing to what is sent: no SET statement_timeout and no other round trip. When it passes, the
 * statement is canceled as above, and a transaction rolled back. A statement_timeout, lock_timeout or
 * idle_in_transaction_session_timeout for what this process cannot end, because it is gone itself, belongs to the
 * database user: ALTER ROLE … SET. They strike as "sql/statement_timeout", "sql/lock_timeout" and "sql/connection_lost".
 */
export class Pool extends Statements implements AsyncDisposable {
  readonly #slots: Slots;
  readonly #bounds: Bounds;
  // Undefined on a pool without a pipeline.
  readonly #lanes: Lanes | undefined;
  // Ended with the pool.
  readonly #listening = new Listening();

  /** @internal use openPool */
  constructor(slots: Slots, bounds: Bounds) {
    super();
    this.#slots = slots;
    this.#bounds = bounds;
    if (bounds.lanes > 0) this.#lanes = new Lanes(slots, bounds, (...call) => this.#runOn(...call));
  }

  /** driver is what the pool was opened over; ask it what the database can do. */
  get driver(): Driver {
    return this.#slots.driver;
  }

  protected run(ctx: Ctx, text: string, args: readonly unknown[]): Promise<Result> {
    const { hooks } = this.#bounds;
    return hooks === undefined
      ? this.#run(ctx, text, args)
      : observed(hooks, ctx, text, () => this.#run(ctx, text, args));
  }

  protected hold<T>(ctx: Ctx, text: string, call: Call<T>): Promise<T> {
    const { hooks } = this.#bounds;
    return hooks === undefined
      ? this.#hold(ctx, text, call)
      : observed(hooks, ctx, text, () => this.#hold(ctx, text, call));
  }

  #run(ctx: Ctx, text: string, args: readonly unknown[]): Promise<Result> {
    const lanes = this.#lanes;
    const about = lanes?.texts.of(text);
    if (lanes === undefined || about?.fits !== true) return this.#runAlone(ctx, text, args);
    // No async function: on a lane each promise in between is felt.
    return lanes.run(ctx, text, args, about);
  }

  async #runAlone(ctx: Ctx, text: string, args: readonly unknown[]): Promise<Result> {
    const slots = this.#slots;
    refuseNested(ctx, slots, text);
    const free = slots.acquire(ctx, "", text);
    const slot = free instanceof Promise ? await free : free;
    return await this.#runOn(slot, ctx, text, args);
  }

  async #hold<T>(ctx: Ctx, text: string, call: Call<T>): Promise<T> {
    const slots = this.#slots;
    refuseNested(ctx, slots, text);
    const slot = await slots.acquire(ctx, "", text);
    try {
      // Nothing ends this holder before the call.
      const result = await execute(ctx, slots.driver, slot, text, (conn) => call(conn, () => {}));
      if (slot.conn.inTransaction) throw leftOpen(slot, label(text));
      return result;
    } finally {
      slots.release(slot);
    }
  }

  /**
   * tx runs a function in a transaction: COMMIT when it returns, ROLLBACK when it throws or when ctx ends before the
   * COMMIT. On a serialization failure or a deadlock it runs again, `attempts` times in all.
   *
   * COMMIT is never canceled; it has 5 seconds. A connection lost before it is "sql/connection_lost" and retryable;
   * one lost during it is "sql/commit_unknown" and not.
   */
  tx<T>(ctx: Ctx, fn: TxFn<T>, options: TxOptions = {}): Promise<T> {
    const holder = `tx ${fn.name}`.trimEnd();
    return retrying(ctx, options.attempts ?? DEFAULT_ATTEMPTS, () =>
      this.#lend(ctx, holder, (inner, line) => Tx.transact(inner, line, fn, options)),
    );
  }

  /**
   * begin is tx for who cannot put its work into a function: the holder commits, and disposes it in any case (`await
   * using`). It is rolled back when ctx ends. Nothing runs again by itself, and that its holder asks the pool for a second
   * connection is not found out.
   */
  async begin(ctx: Ctx, options: Omit<TxOptions, "attempts"> = {}): Promise<OpenTx> {
    const slots = this.#slots;
    refuseNested(ctx, slots, "begin");
    const slot = await slots.acquire(ctx, "begin", "");
    const line = new Line(slots.driver, slot, this.#bounds.hooks);
    return await OpenTx.open(ctx, line, options, () => this.#release(line));
  }

  /** withConn holds one connection while a function runs. A transaction that it leaves open is an error. */
  withConn<T>(ctx: Ctx, fn: (ctx: Ctx, session: Session) => T | PromiseLike<T>): Promise<T> {
    const holder = `withConn ${fn.name}`.trimEnd();
    return this.#lend(ctx, holder, async (inner, line) => {
      const value = await fn(inner, new Session(line));
      line.checkQuiet("withConn");
      if (line.slot.conn.inTransaction) throw leftOpen(line.slot, "withConn");
      return value;
    });
  }

  /**
   * listen gives what is sent to a channel by NOTIFY from now on, over a connection of its own beside the pool's. The
   * first item has `gap` set: it says that the channel is listened to. When the connection is lost it is made again, after
   * growing waits of up to 10 seconds, and an item with `gap` says so: what was sent meanwhile is not to be had. So does
   * one in the place of what did not fit into the queue. Whoever sees a gap looks at the tables.
   *
   * The first connection that fails throws; after that only the end of ctx or the close of the pool ends it
   * ("sql/pool_closed"). A name is a name: "Orders" and "orders" are two channels.
   */
  listen(ctx: Ctx, channel: string, options: ListenOptions = {}): AsyncIterable<Notification> {
    return listen(ctx, { driver: this.#slots.driver, listening: this.#listening }, channel, options);
  }

  /** ping asks the server for a sign of life, on a connection beside the pool's. */
  async ping(ctx: Ctx): Promise<void> {
    await this.#slots.driver.ping(ctx);
  }

  /** stats counts the pool's connections and waiters. */
  stats(): PoolStats {
    return { ...this.#slots.stats(), maxConns: this.#bounds.maxConns, lanes: this.#lanes?.stats() };
  }

  /** describe says how many connections are held, by whom and for which statement, for the report of a stop that waits. */
  describe(): string[] {
    return [this.#slots.holders()];
  }

  /**
   * close refuses new callers ("sql/pool_closed"), fails those who wait, waits for the connections that are held, and
   * closes the driver. When ctx ends first, what is still held is cut and close throws, naming the holders; the pool is
   * closed all the same. Closing again is allowed and waits too.
   */
  async close(ctx: Ctx): Promise<void> {
    this.#listening.close();
    try {
      const both = await Promise.allSettled([this.#slots.close(ctx), this.#lanes?.close(ctx)]);
      for (const one of both) if (one.status === "rejected") throw one.reason;
    } finally {
      await this.#slots.driver.close();
    }
  }

  /** Closes the pool with 2 seconds for its holders. */
  async [Symbol.asyncDispose](): Promise<void> {
    using ctx = withTimeout(background, DISPOSE_MS);
    await this.close(ctx);
  }

  // Runs one statement on a connection, and gives that back.
  async #runOn(slot: Slot, ctx: Ctx, text: string, args: readonly unknown[]): Promise<Result> {
    const slots = this.#slots;
    const since = slot.heldSince;
    try {
      const result = await execute(ctx, slots.driver, slot, text, (conn) => conn.query(text, args));
      if (slot.conn.inTransaction) throw leftOpen(slot, label(text));
      return result;
    } finally {
      this.#lanes?.texts.of(text).took(since, performance.now());
      slots.release(slot);
    }
  }

  async #lend<T>(ctx: Ctx, holder: string, fn: (ctx: Ctx, line: Line) => Promise<T>): Promise<T> {
    const slots = this.#slots;
    refuseNested(ctx, slots, holder);
    const slot = await slots.acquire(ctx, holder, "");
    const line = new Line(slots.driver, slot, this.#bounds.hooks);
    const [inner, scope] = enterScope(ctx, slots, holder);
    try {
      return await fn(inner, line);
    } finally {
      scope.open = false;
      this.#release(line);
    }
  }

  #release(line: Line): void {
    line.end();
    if (line.busy) void line.slot.settleAfter(() => line.quiet());
    this.#slots.release(line.slot);
  }
}

// The next holder would work inside of that transaction, and lose its work with it.
function leftOpen(slot: Slot, what: string): Failure {
  slot.conn.destroy();
  return new Failure(`sql: ${what}: left a transaction open, which was rolled back: use pool.tx`, {
    code: "failed_precondition",
    reason: "sql/open_transaction",
  });
}
