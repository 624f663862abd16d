import type { Ctx } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import type { Result, Row } from "./driver.ts";
import { label } from "./label.ts";
import type { Sql } from "./sql.ts";

/**
 * Querier runs statements: a pool, a session or a transaction. A statement is a text with $1, $2, … and its arguments,
 * or a Sql, which brings its own. What it is given as R is taken on trust: generated code or a schema makes sure of it.
 *
 * All throw SqlFailure for what the database refuses. When ctx ends, the statement is canceled on the server and
 * the caller gets a Failure with the code of ctx.err, which is its cause; the statement may have been done all the same.
 */
export interface Querier {
  /** query gives the whole result: the rows, the number of rows affected, and the command. */
  query<R = Row>(ctx: Ctx, text: string | Sql<R>, args?: readonly unknown[]): Promise<Result<R>>;
  /** many gives all rows, none is []. */
  many<R = Row>(ctx: Ctx, text: string | Sql<R>, args?: readonly unknown[]): Promise<R[]>;
  /** one gives the first row; none is not_found ("sql/no_rows"). */
  one<R = Row>(ctx: Ctx, text: string | Sql<R>, args?: readonly unknown[]): Promise<R>;
  /** maybe gives the first row, or undefined if there is none. */
  maybe<R = Row>(ctx: Ctx, text: string | Sql<R>, args?: readonly unknown[]): Promise<R | undefined>;
  /** exec gives the number of rows affected. */
  exec(ctx: Ctx, text: string | Sql<unknown>, args?: readonly unknown[]): Promise<number>;
}

const NO_ARGS: readonly unknown[] = [];

/** Statements is the Querier over one method that runs a statement; Pool, Session and Tx are made of it. */
export abstract class Statements implements Querier {
  protected abstract run(ctx: Ctx, text: string, args: readonly unknown[]): Promise<Result>;

  query<R = Row>(ctx: Ctx, text: string | Sql<R>, args?: readonly unknown[]): Promise<Result<R>> {
    // The caller says what its statement returns.
    return this.#run(ctx, text, args) as Promise<Result<R>>;
  }

  async many<R = Row>(ctx: Ctx, text: string | Sql<R>, args?: readonly unknown[]): Promise<R[]> {
    const result = await this.#run(ctx, text, args);
    return result.rows as R[];
  }

  async maybe<R = Row>(ctx: Ctx, text: string | Sql<R>, args?: readonly unknown[]): Promise<R | undefined> {
    const result = await this.#run(ctx, text, args);
    return result.rows[0] as R | undefined;
  }

  async one<R = Row>(ctx: Ctx, text: string | Sql<R>, args?: readonly unknown[]): Promise<R> {
    const row = await this.maybe<R>(ctx, text, args);
    if (row !== undefined) return row;
    throw new Failure(`sql: ${label(textOf(text))}: no rows`, { code: "not_found", reason: "sql/no_rows" });
  }

  async exec(ctx: Ctx, text: string | Sql<unknown>, args?: readonly unknown[]): Promise<number> {
    const result = await this.#run(ctx, text, args);
    return result.affected;
  }

  #run(ctx: Ctx, text: string | Sql<unknown>, args: readonly unknown[] | undefined): Promise<Result> {
    return typeof text === "string" ? this.run(ctx, text, args ?? NO_ARGS) : this.#runSql(ctx, text, args);
  }

  async #runSql(ctx: Ctx, text: Sql<unknown>, args: readonly unknown[] | undefined): Promise<Result> {
    return await this.run(ctx, text.text, argsOf(text, args));
  }
}

/** textOf is the text of a statement. @internal */
export function textOf(text: string | Sql<unknown>): string {
  return typeof text === "string" ? text : text.text;
}

/** argsOf is the arguments of a statement; a Sql has its own, and takes none beside them. @internal */
export function argsOf(text: string | Sql<unknown>, args: readonly unknown[] | undefined): readonly unknown[] {
  if (typeof text === "string") return args ?? NO_ARGS;
  if (args === undefined) return text.args;
  throw new Failure(`sql: ${label(text.text)}: sql\`…\` has its arguments in it, and takes none beside`, {
    code: "invalid_argument",
    reason: "sql/bad_argument",
  });
}
