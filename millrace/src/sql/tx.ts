import { type Ctx, afterDone, background, withTimeout } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { ROLLBACK_MS } from "./bounded.ts";
import { begin, commit, leave, ready, release } from "./boundary.ts";
import type { Conn, Result } from "./driver.ts";
import type { Call } from "./feed.ts";
import type { Line } from "./line.ts";
import { Statements } from "./querier.ts";

/** TxOptions says how a transaction runs. */
export interface TxOptions {
  /** isolation is the level of this transaction. Default: the server's, which is read committed unless it was changed. */
  readonly isolation?: "read committed" | "repeatable read" | "serializable";
  /** readOnly makes the server refuse writes. Default false. */
  readonly readOnly?: boolean;
  /**
   * deferrable lets a serializable, read-only transaction wait at its first statement until it can run without ever
   * being rolled back for another one: for long reports. Default false; it needs the other two.
   */
  readonly deferrable?: boolean;
  /**
   * attempts is how often the function runs at most when the server reports a serialization failure or a deadlock.
   * Each attempt is a new transaction from its beginning, so what the function does beside it must bear repetition.
   * Default 3; 1 never repeats.
   */
  readonly attempts?: number;
}

/** DEFAULT_ATTEMPTS gets two colliding transactions through; more would hide a design that always collides. @internal */
export const DEFAULT_ATTEMPTS = 3;

/** TxFn is the body of a transaction, which begins with its first statement; its ctx is the one to pass on. */
export type TxFn<T> = (ctx: Ctx, tx: Tx) => T | PromiseLike<T>;

/**
 * Tx is a running transaction. It runs one statement at a time: a second one beside it is failed_precondition
 * ("sql/busy"). When the context of a statement ends while it runs, the transaction can only be rolled back.
 */
export class Tx extends Statements {
  readonly #line: Line;
  readonly #depth: number;
  // A savepoint runs inside of this one.
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
    const line = this.#line;
    const inner = new Tx(line, await this.#savepoint(ctx));
    try {
      const value = await inner.#body(ctx, fn);
      await this.#release(ctx);
      return value;
    } catch (err) {
      await leave(ctx, line, this.#rollback());
      throw err;
    } finally {
      this.#inner = false;
    }
  }

  /** begin opens a part of the transaction that can fail by itself, as Pool.begin opens a whole one: a savepoint. */
  async begin(ctx: Ctx): Promise<OpenTx> {
    const depth = await this.#savepoint(ctx);
    return new OpenTx(ctx, this.#line, depth, {
      commit: (within) => this.#release(within),
      rollback: this.#rollback(),
      after: () => {
        this.#inner = false;
      },
    });
  }

  // The depth of what runs inside of the savepoint.
  async #savepoint(ctx: Ctx): Promise<number> {
    this.#checkOpen();
    this.#inner = true;
    try {
      await this.#line.query(ctx, `savepoint millrace_${this.#depth}`, []);
      return this.#depth + 1;
    } catch (err) {
      this.#inner = false;
      throw err;
    }
  }

  async #release(ctx: Ctx): Promise<void> {
    await release(ctx, this.#line, `release savepoint millrace_${this.#depth}`);
  }

  #rollback(): string {
    return `rollback to savepoint millrace_${this.#depth}`;
  }

  async #body<T>(ctx: Ctx, fn: TxFn<T>): Promise<T> {
    try {
      const value = await fn(ctx, this);
      await ready(ctx, this.#line);
      return value;
    } finally {
      this.#open = false;
    }
  }

  /** shut makes every further use an error, also that of savepoints: its own checks first. @internal */
  protected shut(check: boolean): void {
    if (check) this.#checkOpen();
    this.#open = false;
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
      begin(line, options);
      const value = await new Tx(line, 1).#body(ctx, fn);
      await commit(ctx, line);
      return value;
    } catch (err) {
      await leave(ctx, line, "rollback");
      throw err;
    }
  }
}

// How an OpenTx ends: by its own COMMIT or a part of another one.
interface Ending {
  commit(ctx: Ctx): Promise<void>;
  readonly rollback: string;
  after(): void;
}

/**
 * OpenTx is a transaction, or a savepoint in one, that its holder ends:
 *
 *     await using tx = await pool.begin(ctx);
 *     …
 *     await tx.commit(ctx);
 *
 * Disposed without a commit, or when the ctx that it was begun with ends, it is rolled back.
 */
export class OpenTx extends Tx implements AsyncDisposable {
  readonly #line: Line;
  readonly #ending: Ending;
  readonly #leftBehind: Disposable;
  #ended = false;

  /** @internal use pool.begin */
  constructor(ctx: Ctx, line: Line, depth: number, ending: Ending) {
    super(line, depth);
    this.#line = line;
    this.#ending = ending;
    this.#leftBehind = afterDone(ctx, () => void this.rollback(ctx));
  }

  /** open begins a transaction on a held connection; `after` is called when it is over. @internal */
  static async open(ctx: Ctx, line: Line, options: TxOptions, after: () => void): Promise<OpenTx> {
    try {
      begin(line, options);
      return new OpenTx(ctx, line, 1, { commit: (within) => commit(within, line), rollback: "rollback", after });
    } catch (err) {
      await leave(ctx, line, "rollback");
      after();
      throw err;
    }
  }

  /**
   * commit ends it. When it throws, the transaction is rolled back, or its outcome is not known ("sql/commit_unknown").
   * It is not begun when ctx is over, and not canceled when it has begun.
   */
  async commit(ctx: Ctx): Promise<void> {
    this.shut(true);
    await this.#end(async () => {
      try {
        await ready(ctx, this.#line);
        await this.#ending.commit(ctx);
      } catch (err) {
        await leave(ctx, this.#line, this.#ending.rollback);
        throw err;
      }
    });
  }

  /** rollback undoes it; when it is over already, that is allowed and does nothing. A statement that runs ends first. */
  async rollback(ctx: Ctx): Promise<void> {
    if (this.#ended) return;
    this.shut(false);
    await this.#end(() => leave(ctx, this.#line, this.#ending.rollback));
  }

  /** Rolls back what was not committed, with 5 seconds for that. */
  async [Symbol.asyncDispose](): Promise<void> {
    using ctx = withTimeout(background, ROLLBACK_MS);
    await this.rollback(ctx);
  }

  async #end(how: () => Promise<void>): Promise<void> {
    this.#ended = true;
    this.#leftBehind[Symbol.dispose]();
    try {
      await how();
    } finally {
      this.#ending.after();
    }
  }
}
