import type { Ctx } from "../context/index.ts";
import { Failure, wrap } from "../errors/index.ts";
import type { Conn, Driver, Result } from "./driver.ts";
import { execute } from "./execute.ts";
import type { Call } from "./feed.ts";
import { SqlFailure } from "./failure.ts";
import { type PoolHooks, observed } from "./hooks.ts";
import { label } from "./label.ts";
import { orDone } from "../context/or-done.ts";
import type { Slot } from "./slot.ts";

/**
 * Line is a held connection as its holder's statements see it: one at a time, none after it was given back. Sessions
 * and transactions share it, a transaction and its savepoints too. @internal
 */
export class Line {
  readonly slot: Slot;
  readonly driver: Driver;
  readonly hooks: PoolHooks | undefined;
  /** doomed is why the transaction can only be rolled back: a statement in it was left when its context ended. */
  doomed: Failure | undefined = undefined;
  /** failed is the first error of a statement in the transaction; the server refuses what follows. */
  failed: unknown = undefined;
  /** begin is the BEGIN that goes out with the first statement of a transaction, until it did. */
  begin: string | undefined = undefined;
  // The statement that runs now.
  #running: string | undefined = undefined;
  #settled: Promise<void> | undefined = undefined;
  // Ends a call that waits for its caller: rows that nobody fetches.
  #stop: (() => void) | undefined = undefined;
  #open = true;

  constructor(driver: Driver, slot: Slot, hooks: PoolHooks | undefined) {
    this.driver = driver;
    this.slot = slot;
    this.hooks = hooks;
  }

  query(ctx: Ctx, text: string, args: readonly unknown[]): Promise<Result> {
    return this.#observe(ctx, text, (conn, begin) =>
      begin === undefined ? conn.query(text, args) : conn.begin(begin, text, args),
    );
  }

  script(ctx: Ctx, text: string): Promise<void> {
    return this.run(ctx, text, (conn) => conn.script(text));
  }

  hold<T>(ctx: Ctx, text: string, call: Call<T>): Promise<T> {
    return this.run(ctx, text, (conn) =>
      call(conn, (stop) => {
        this.#stop = stop;
      }),
    );
  }

  /** ended says that the connection was given back. */
  get ended(): boolean {
    return !this.#open;
  }

  /** busy says that a statement runs. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** checkQuiet throws when a statement still runs: somebody did not await it. */
  checkQuiet(what: string): void {
    if (this.#running === undefined) return;
    throw new Failure(`sql: ${what}: "${label(this.#running)}" still runs on this connection: await it first`, {
      code: "failed_precondition",
      reason: "sql/busy",
    });
  }

  /** end makes every further use an error. */
  end(): void {
    this.#open = false;
  }

  /** quiet resolves when the statement that runs now has settled, for whoever must not leave it behind. */
  async quiet(): Promise<void> {
    this.#stop?.();
    await this.#settled;
  }

  /** run runs any one call on the connection, as a statement with this text. */
  run<T>(ctx: Ctx, text: string, call: (conn: Conn) => Promise<T>): Promise<T> {
    return this.#observe(ctx, text, async (conn, begin) => {
      if (begin !== undefined) await conn.query(begin, []);
      return await call(conn);
    });
  }

  #observe<T>(ctx: Ctx, text: string, call: (conn: Conn, begin: string | undefined) => Promise<T>): Promise<T> {
    const { hooks } = this;
    return hooks === undefined
      ? this.#run(ctx, text, call)
      : observed(hooks, ctx, text, () => this.#run(ctx, text, call));
  }

  async #run<T>(ctx: Ctx, text: string, call: (conn: Conn, begin: string | undefined) => Promise<T>): Promise<T> {
    if (!this.#open) {
      throw new Failure(`sql: ${label(text)}: the session or transaction is over`, {
        code: "failed_precondition",
        reason: "sql/tx_done",
      });
    }
    if (this.#running !== undefined) this.checkQuiet(label(text));
    this.#running = text;
    const { slot } = this;
    try {
      if (slot.settling !== null) await orDone(ctx, slot.settling);
      if (this.doomed !== undefined) throw wrap(this.doomed, `sql: ${label(text)}: the transaction was interrupted`);
      return await this.#execute(ctx, text, call);
    } finally {
      this.#running = undefined;
      this.#stop = undefined;
    }
  }

  async #execute<T>(ctx: Ctx, text: string, call: (conn: Conn, begin: string | undefined) => Promise<T>): Promise<T> {
    const { slot, begin } = this;
    const inTx = begin !== undefined || slot.conn.inTransaction;
    this.begin = undefined;
    try {
      const result = execute(ctx, this.driver, slot, text, (conn) => call(conn, begin));
      this.#settled = result.then(ignore, ignore);
      return await result;
    } catch (err) {
      const failure = inTx ? beforeCommit(err) : err;
      this.failed ??= failure;
      // Left while it ran: it may have been done or not.
      if (inTx && slot.settling !== null) this.doomed ??= wrap(failure, "sql: tx");
      // It was refused before it was sent, or BEGIN itself failed: what follows must not run outside of the transaction.
      else if (!slot.conn.inTransaction) this.begin = begin;
      throw failure;
    }
  }
}

/** beforeCommit makes a lost connection retryable: what was not committed had no effect. @internal */
export function beforeCommit(err: unknown): unknown {
  if (!(err instanceof Failure) || err.reason !== "sql/connection_lost" || err.retryable) return err;
  const { code, reason, message } = err;
  return new SqlFailure(message, { code, reason, retryable: true, cause: err });
}

function ignore(): void {}
