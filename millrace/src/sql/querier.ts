import type { Ctx } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { type CopySource, copyFrom } from "./copy-from.ts";
import type { Result, Row, Statement } from "./driver.ts";
import { type Call, type Hold, iterate } from "./feed.ts";
import { label } from "./label.ts";
import type { Sql } from "./sql.ts";

/** RowsOptions says how rows are fetched. */
export interface RowsOptions {
  /** fetch is how many rows the server sends at a time; so many are in memory. Default 500, minimum 1. */
  readonly fetch?: number;
}

/** CopyOptions says in which form copyTo gives its rows. */
export interface CopyOptions {
  /** format is PostgreSQL's own with tabs, or comma-separated values (RFC 4180). Default "text". */
  readonly format?: "text" | "csv";
  /** header puts a first line with the names of the columns. Default false. */
  readonly header?: boolean;
}

/** BatchResults is what a batch gives: a Result for each of its statements, of the rows that a Sql says it has. */
export type BatchResults<S extends readonly (string | Statement)[]> = {
  -readonly [I in keyof S]: Result<S[I] extends Sql<infer R> ? R : Row>;
};

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
  /**
   * rows gives the rows one by one, which the server hands out `fetch` at a time, so that a result may be of any size.
   * From the first row asked for to the last, or until the loop is left, it holds the connection, and a snapshot of the
   * database with it; a session or transaction runs nothing else meanwhile. A statement_timeout of the server counts
   * the whole of it.
   */
  rows<R = Row>(ctx: Ctx, text: string | Sql<R>, args?: readonly unknown[], options?: RowsOptions): AsyncIterable<R>;
  /**
   * copyFrom writes rows into a table by COPY, all or none, and gives their number. The table is one name, or several
   * for one in a schema (["app", "user"]). Rows are taken from their source as fast as the server takes them. When the
   * source throws, that is what copyFrom throws; a row that the server refuses is named by SqlFailure.row.
   */
  copyFrom(ctx: Ctx, table: string | readonly string[], columns: readonly string[], rows: CopySource): Promise<number>;
  /**
   * copyTo gives the rows of a query (`table t` is one) by COPY, in pieces of about 64 KiB that end anywhere. What the
   * consumer does not take the server does not send. The query takes no arguments. Leaving the loop cancels the COPY;
   * in a transaction, which a cancel would undo, the rest is read and dropped.
   */
  copyTo(ctx: Ctx, text: string | Sql<unknown>, options?: CopyOptions): AsyncIterable<Uint8Array>;
  /**
   * batch runs statements in one round trip and in one transaction, as the only statements of it or as a part of the one
   * that is open: when one fails, what was done before it is undone, the others are not run, and the error names it.
   * (As pgx's SendBatch: BEGIN and COMMIT do not belong into it.)
   */
  batch<const S extends readonly (string | Statement)[]>(ctx: Ctx, statements: S): Promise<BatchResults<S>>;
}

const NO_ARGS: readonly unknown[] = [];
// Execute counts rows in 31 bits.
const MAX_FETCH = 2 ** 31 - 1;

/** Statements is the Querier over what runs one statement, and what runs one call on a connection; Pool, Session and Tx are made of it. */
export abstract class Statements implements Querier {
  protected abstract run(ctx: Ctx, text: string, args: readonly unknown[]): Promise<Result>;
  protected abstract hold<T>(ctx: Ctx, text: string, call: Call<T>): Promise<T>;

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

  async *rows<R = Row>(
    ctx: Ctx,
    text: string | Sql<R>,
    args?: readonly unknown[],
    options: RowsOptions = {},
  ): AsyncGenerator<R> {
    const statement = textOf(text);
    const values = argsOf(text, args);
    const { fetch = 500 } = options;
    if (!Number.isSafeInteger(fetch) || fetch < 1 || fetch > MAX_FETCH) {
      throw bad(`sql: ${label(statement)}: fetch must be a whole number of at least 1, not ${fetch}`, "sql/bad_option");
    }
    const pieces = iterate<readonly Row[]>(ctx, this.#hold, {
      text: statement,
      begin: (conn, sink) => conn.rows(statement, values, fetch, sink),
      cancel: false,
    });
    // The caller says what its statement returns.
    for await (const piece of pieces) for (const row of piece) yield row as R;
  }

  async copyFrom(
    ctx: Ctx,
    table: string | readonly string[],
    columns: readonly string[],
    rows: CopySource,
  ): Promise<number> {
    return await copyFrom(ctx, this.#hold, table, columns, rows);
  }

  async *copyTo(ctx: Ctx, text: string | Sql<unknown>, options: CopyOptions = {}): AsyncGenerator<Uint8Array> {
    if (typeof text !== "string" && text.args.length > 0) {
      throw bad(`sql: ${label(text.text)}: COPY takes no arguments`, "sql/bad_argument");
    }
    const { format = "text", header = false } = options;
    const query = textOf(text).replace(/;\s*$/, "");
    // On a line of its own, in case that the query ends with a comment.
    const copy = `copy (${query}\n) to stdout (format ${format === "csv" ? "csv" : "text"}, header ${header ? "on" : "off"})`;
    yield* iterate<Uint8Array>(ctx, this.#hold, {
      text: copy,
      begin: (conn, sink) => conn.copyOut(copy, sink),
      cancel: true,
    });
  }

  async batch<const S extends readonly (string | Statement)[]>(ctx: Ctx, statements: S): Promise<BatchResults<S>> {
    const all = statements.map((one) => (typeof one === "string" ? { text: one, args: NO_ARGS } : one));
    const text = all.map((one) => one.text).join("; ");
    const results = all.length === 0 ? [] : await this.hold(ctx, text, (conn) => conn.batch(all));
    // As many results as statements, of which the caller says what they return.
    return results as BatchResults<S>;
  }

  get #hold(): Hold {
    return (ctx, text, call) => this.hold(ctx, text, call);
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
  throw bad(`sql: ${label(text.text)}: sql\`…\` has its arguments in it, and takes none beside`, "sql/bad_argument");
}

function bad(message: string, reason: string): Failure {
  return new Failure(message, { code: "invalid_argument", reason });
}
