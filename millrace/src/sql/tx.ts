import type { Ctx } from "../context/index.ts";
import { Failure, wrap } from "../errors/index.ts";
import { ROLLBACK_MS, bounded } from "./bounded.ts";
import type { Conn, Result } from "./driver.ts";
import type { Call } from "./feed.ts";
import { type Line, beforeCommit } from "./line.ts";
import { orDone } from "../context/or-done.ts";
import { Statements } from "./querier.ts";

/** TxOptions says how a transaction runs. */
export interface TxOptions {
  /** isolation is the level of this transaction. Default: the server's, which is read committed unless it was changed. */
  readonly isolation?: "read committed" | "repeatable read" | "serializable";
  /** readOnly makes the server refuse writes. Default false. */
  readonly readOnly?: boolean;
  /**
   * attempts is how often the function runs at most when the server reports a serialization failure or a deadlock.
   * Each attempt is a new transaction from its beginning, so what the function does beside it must bear repetition.
   * Default 3; 1 never repeats.
   */
  readonly attempts?: number;
}

/** DEFAULT_ATTEMPTS gets two colliding transactions through; more would hide a design that always collides. @internal */
export const DEFAULT_ATTEMPTS = 3;

// A COMMIT takes a disk flush, with a synchronous replica a round trip more.
const COMMIT_MS = 5000;

/** TxFn is the body of a transaction; its ctx is the one to pass on. */
export type TxFn<T> = (ctx: Ctx, tx: Tx) => T | PromiseLike<T>;

/**
 * Tx is a running transaction. It runs one statement at a time: a second one beside it is failed_precondition
 * ("sql/busy"). When the context of a statement ends while it runs, the transaction can only be rolled back.
 */
export class Tx extends Statements {
  readonly #line: Line;
  readonly #depth: number;
  // The savepoint that runs inside of this one, while it does.
  #inner = false;
  #open = true;

  /** @internal use pool.tx */
  constructor(line: Line, depth: number) {
    super();
    this.#line = line;
    this.#depth = depth;
  }

  protected async run(ctx: Ctx, text: string, args: readonly unknown[]): Promise<Result> {
    this.#checkOpen();
    return await this.#line.query(ctx, text, args);
  }

  protected async hold<T>(ctx: Ctx, text: string, call: Call<T>): Promise<T> {
    this.#checkOpen();
    return await this.#line.hold(ctx, text, call);
  }

  /** call runs any one call on the connection, for adapters. @internal */
  async call<T>(ctx: Ctx, text: string, call: (conn: Conn) => Promise<T>): Promise<T> {
    this.#checkOpen();
    return await this.#line.run(ctx, text, call);
  }

  /** script runs several statements without arguments. */
  async script(ctx: Ctx, text: string): Promise<void> {
    this.#checkOpen();
    await this.#line.script(ctx, text);
  }

  /** tx runs a part of the transaction that can fail by itself: a savepoint, rolled back to when the function throws. */
  async tx<T>(ctx: Ctx, fn: TxFn<T>): Promise<T> {
    this.#checkOpen();
    const line = this.#line;
    const name = `millrace_${this.#depth}`;
    await line.query(ctx, `savepoint ${name}`, []);
    const inner = new Tx(line, this.#depth + 1);
    this.#inner = true;
    try {
      const value = await inner.#body(ctx, fn);
      await line.query(ctx, `release savepoint ${name}`, []);
      return value;
    } catch (err) {
      await leave(ctx, line, `rollback to savepoint ${name}`);
      throw err;
    } finally {
      this.#inner = false;
    }
  }

  async #body<T>(ctx: Ctx, fn: TxFn<T>): Promise<T> {
    const line = this.#line;
    try {
      const value = await fn(ctx, this);
      line.checkQuiet("tx");
      if (line.slot.settling !== null) await orDone(ctx, line.slot.settling);
      if (line.doomed !== undefined) throw line.doomed;
      if (ctx.err !== undefined) throw wrap(ctx.err, "sql: tx: before commit");
      return value;
    } finally {
      this.#open = false;
    }
  }

  #checkOpen(): void {
    if (this.#open && !this.#inner) return;
    throw new Failure(`sql: tx: ${this.#inner ? "a savepoint is open: use its tx" : "the transaction is over"}`, {
      code: "failed_precondition",
      reason: this.#inner ? "sql/busy" : "sql/tx_done",
    });
  }

  /** transact runs a function between BEGIN and COMMIT on a held connection. @internal */
  static async transact<T>(ctx: Ctx, line: Line, fn: TxFn<T>, options: TxOptions): Promise<T> {
    try {
      await line.query(ctx, begin(options), []).catch((err: unknown) => {
        throw beforeCommit(err);
      });
      const value = await new Tx(line, 1).#body(ctx, fn);
      await commit(line);
      return value;
    } catch (err) {
      await leave(ctx, line, "rollback");
      throw err;
    }
  }
}

function begin(options: TxOptions): string {
  const isolation = options.isolation === undefined ? "" : ` isolation level ${options.isolation}`;
  return `begin${isolation}${options.readOnly === true ? " read only" : ""}`;
}

// COMMIT runs without the caller's context and to its end: only so is its outcome known.
async function commit(line: Line): Promise<void> {
  const { conn } = line.slot;
  line.slot.statement = "commit";
  let result: Result;
  try {
    result = await bounded(conn, COMMIT_MS, () => conn.query("commit", []));
  } catch (err) {
    if (conn.broken === undefined) throw err;
    throw new Failure("sql: commit: the connection was lost, so its outcome is not known", {
      code: "unknown",
      reason: "sql/commit_unknown",
      retryable: false,
      cause: err,
    });
  }
  if (result.command !== "ROLLBACK") return;
  throw new Failure("sql: commit: rolled back, because a statement in the transaction had failed", {
    code: "failed_precondition",
    reason: "sql/tx_aborted",
    cause: line.failed,
  });
}

// Rolls back after what still runs: a canceled statement, one that nobody awaited. A connection that cannot is cut.
// Whoever is out of time does not wait for it: the connection is not free before.
async function leave(ctx: Ctx, line: Line, text: string): Promise<void> {
  const { slot } = line;
  const settled = slot.settleAfter(async () => {
    await line.quiet();
    if (slot.conn.inTransaction && slot.conn.broken === undefined) {
      try {
        await bounded(slot.conn, ROLLBACK_MS, () => slot.conn.query(text, []));
      } catch {
        slot.conn.destroy();
      }
    }
    line.doomed = line.failed = undefined;
  });
  await orDone(ctx, settled).catch(() => undefined);
}
