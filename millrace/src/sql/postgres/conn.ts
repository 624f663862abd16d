import type { Client, Submittable } from "pg";
import type { Conn, Result } from "../driver.ts";
import { SqlFailure } from "../failure.ts";
import { encodeArgs } from "./args.ts";
import { PreparedCache } from "./prepared.ts";
import { isStalePlan, statementFailure } from "./server-error.ts";
import { Statement } from "./statement.ts";
import type { Types } from "./types.ts";

// A server that does not hang up after a goodbye is cut off.
const CLOSE_MS = 2000;
// A write on a server, or in a transaction, that is read-only.
const READ_ONLY = "25006";

/** ConnOptions is what a connection needs beside its client. @internal */
export interface ConnOptions {
  readonly preparedStatements: number;
  readonly types: Types;
  /** demoted says, after a write was refused, whether the server lets nobody write any more. */
  readonly demoted: (inTransaction: boolean) => boolean;
  readonly destroy: () => void;
  readonly cancel: () => Promise<void>;
}

// A statement of ours, or of another make, which says nothing of its error here.
type Foreign = { readonly error?: unknown };

/** PgConn is a Conn over a connected pg.Client, which nothing else may use. @internal */
export class PgConn implements Conn {
  readonly #client: Client;
  readonly #options: ConnOptions;
  readonly #prepared: PreparedCache;
  // What runs, until the server is ready again or the connection is lost.
  #running: { readonly statement: Foreign; readonly settle: (err: unknown) => void } | undefined = undefined;
  #broken: SqlFailure | undefined = undefined;

  constructor(client: Client, options: ConnOptions) {
    this.#client = client;
    this.#options = options;
    this.#prepared = new PreparedCache(options.preparedStatements);
    // pg emits it when the server is ready and nothing is queued: after each statement, failed or not.
    client.on("drain", () => {
      const running = this.#running;
      this.#running = undefined;
      running?.settle(running.statement.error);
    });
    client.on("error", (err) => this.#lose(err));
    client.on("end", () => this.#lose(new Error("the server closed the connection")));
  }

  get broken(): SqlFailure | undefined {
    return this.#broken;
  }

  get inTransaction(): boolean {
    const status = this.#client.getTransactionStatus();
    return status === "T" || status === "E";
  }

  async query(text: string, args: readonly unknown[]): Promise<Result> {
    try {
      return await this.#query(text, args);
    } catch (err) {
      // A stale plan outside of a transaction: nothing has run and nothing is lost, so it is prepared anew.
      if (!isStalePlan(err) || this.inTransaction) throw this.#failed(err, text);
    }
    try {
      return await this.#query(text, args);
    } catch (err) {
      throw this.#failed(err, text);
    }
  }

  async script(text: string): Promise<void> {
    try {
      encodeArgs(text, []);
      await this.#submit(new Statement(text, undefined));
    } catch (err) {
      throw this.#failed(err, text);
    }
  }

  /** demoted is the error of a write that was refused because the server lets nobody write any more. @internal */
  demoted(failure: SqlFailure): SqlFailure | undefined {
    const { message, reason, sqlState } = failure;
    if (sqlState !== READ_ONLY || !this.#options.demoted(this.inTransaction)) return undefined;
    return new SqlFailure(message, { code: "unavailable", reason, sqlState, retryable: true });
  }

  /** client is pg's own, to listen on; statements go through submit. @internal */
  get client(): Client {
    return this.#client;
  }

  /**
   * submit runs a statement of another make; it resolves when the server is ready again, whatever became of the
   * statement, and rejects when the connection was lost. @internal
   */
  async submit(statement: Submittable, text: string): Promise<void> {
    try {
      await this.#submit(statement as Foreign);
    } catch (err) {
      throw this.#failed(err, text);
    }
  }

  cancel(): Promise<void> {
    return this.#options.cancel();
  }

  async close(): Promise<void> {
    if (this.#broken !== undefined) {
      this.#options.destroy();
      return;
    }
    this.#broken = cut();
    const timer = setTimeout(() => this.#options.destroy(), CLOSE_MS);
    try {
      await this.#client.end();
    } finally {
      clearTimeout(timer);
    }
  }

  destroy(): void {
    this.#lose(cut());
    this.#options.destroy();
  }

  async #query(text: string, args: readonly unknown[]): Promise<Result> {
    const { types } = this.#options;
    const encoded = encodeArgs(text, args, types);
    const known = this.#prepared.get(text);
    const prepared = known ?? this.#prepared.add(text);
    const forget = this.#prepared.takeForgotten();
    const statement = new Statement(text, { args: encoded, types, prepared, parse: known === undefined, forget });
    try {
      await this.#submit(statement);
    } catch (err) {
      // Nobody knows whether the server got as far as preparing it.
      if (known === undefined || isStalePlan(err)) this.#prepared.drop(text);
      throw err;
    }
    const result = statement.result();
    const { shape } = statement;
    if (shape === null || shape === undefined || shape.unknown.length === 0) return result;
    await types.learn(shape.unknown, async (text, args) => (await this.#query(text, args)).rows);
    const learned = shape.learned(result.rows);
    if (prepared !== undefined) prepared.shape = learned;
    return result;
  }

  #submit(statement: Foreign): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(notSent(this.#broken));
    return new Promise((resolve, reject) => {
      const settle = (err: unknown): void => (err === undefined ? resolve() : reject(err));
      this.#running = { statement, settle };
      // A Submittable goes through as it is; pg types its Connection otherwise than it is.
      void this.#client.query(statement as unknown as Submittable);
    });
  }

  #failed(err: unknown, text: string): SqlFailure {
    const failure = statementFailure(err, text);
    const demoted = this.demoted(failure);
    this.#broken ??= demoted;
    return demoted ?? failure;
  }

  #lose(err: unknown): void {
    this.#broken ??= statementFailure(err, "idle connection");
    const running = this.#running;
    this.#running = undefined;
    // What the server said last says more than that it hung up.
    running?.settle(running.statement.error ?? err);
  }
}

function notSent(broken: SqlFailure): SqlFailure {
  const { code, reason } = broken;
  return new SqlFailure(`sql: not sent, ${broken.message}`, { code, reason, retryable: true, cause: broken });
}

function cut(): SqlFailure {
  return new SqlFailure("sql: the connection was cut by this process", {
    code: "unavailable",
    reason: "sql/connection_lost",
    retryable: false,
  });
}
