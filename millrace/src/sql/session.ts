import type { Ctx } from "../context/index.ts";
import type { Result } from "./driver.ts";
import type { Call } from "./feed.ts";
import type { Line } from "./line.ts";
import { Statements } from "./querier.ts";
import { retrying } from "./retry.ts";
import { DEFAULT_ATTEMPTS, Tx, type TxFn, type TxOptions } from "./tx.ts";

/**
 * Session is one connection of the pool for as long as withConn runs, for what belongs to a connection: an advisory
 * lock, a SET, a temporary table. The holder undoes what it set: the connection goes back as it is.
 */
export class Session extends Statements {
  readonly #line: Line;

  /** @internal use pool.withConn */
  constructor(line: Line) {
    super();
    this.#line = line;
  }

  /** line is the held connection, for adapters. @internal */
  get line(): Line {
    return this.#line;
  }

  protected run(ctx: Ctx, text: string, args: readonly unknown[]): Promise<Result> {
    return this.#line.query(ctx, text, args);
  }

  protected hold<T>(ctx: Ctx, text: string, call: Call<T>): Promise<T> {
    return this.#line.hold(ctx, text, call);
  }

  /** script runs several statements without arguments, which commit or fail together. */
  async script(ctx: Ctx, text: string): Promise<void> {
    await this.#line.script(ctx, text);
  }

  /** tx runs a transaction on this connection; see Pool.tx. */
  tx<T>(ctx: Ctx, fn: TxFn<T>, options: TxOptions = {}): Promise<T> {
    return retrying(ctx, options.attempts ?? DEFAULT_ATTEMPTS, () => Tx.transact(ctx, this.#line, fn, options));
  }
}
