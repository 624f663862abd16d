import type { Client, Submittable } from "pg";
import type { Conn, CopyIn, Feed, Result, Row, Statement as Sent, Watcher } from "../driver.ts";
import { SqlFailure } from "../failure.ts";
import { encodeArgs } from "./args.ts";
import { Batch } from "./batch.ts";
import { CopyRows } from "./copy-in.ts";
import { CopyOut } from "./copy-out.ts";
import { Describe } from "./describe.ts";
import { Portal } from "./portal.ts";
import { PreparedCache } from "./prepared.ts";
import { isStalePlan, statementFailure } from "./server-error.ts";
import type { Shape } from "./shape.ts";
import { type Plan, type Planned, Statement, resultOf } from "./statement.ts";
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
  #running: { readonly exchange: Foreign; readonly settle: (err: unknown) => void } | undefined = undefined;
  #broken: SqlFailure | undefined = undefined;
  #watcher: Watcher | undefined = undefined;

  constructor(client: Client, options: ConnOptions) {
    this.#client = client;
    this.#options = options;
    this.#prepared = new PreparedCache(options.preparedStatements);
    // pg emits it when the server is ready and nothing is queued: after each statement, failed or not.
    client.on("drain", () => {
      const running = this.#running;
      this.#running = undefined;
      running?.settle(running.exchange.error);
    });
    client.on("error", (err) => this.#lose(err));
    client.on("notification", ({ channel, payload }) => this.#watcher?.notified(channel, payload ?? ""));
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

  async begin(begin: string, text: string, args: readonly unknown[]): Promise<Result> {
    try {
      return await this.#query(text, args, begin);
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

  async batch(statements: readonly Sent[]): Promise<Result[]> {
    // Before anything is noted as prepared.
    const encoded = statements.map(({ text, args }) => encodeArgs(text, args, this.#options.types));
    const planned = statements.map(({ text }, i): Planned => ({ text, plan: this.#plan(text, encoded[i]!) }));
    const batch = new Batch(planned);
    try {
      await this.#submit(batch);
      for (const { shape, prepared, rows } of batch.unread) {
        const learned = await this.#learn(shape, rows);
        if (prepared !== undefined) prepared.shape = learned;
      }
      return batch.results;
    } catch (err) {
      // Nobody knows how far the server got with preparing them.
      for (const { text, plan } of planned) if (plan.parse || isStalePlan(err)) this.#prepared.drop(text);
      const at = Math.min(batch.results.length, statements.length - 1);
      throw this.#noted(
        statementFailure(err, statements[at]?.text ?? "", `batch, ${at + 1} of ${statements.length}: `),
      );
    }
  }

  rows(text: string, args: readonly unknown[], fetch: number, sink: (rows: readonly Row[]) => void): Feed {
    const portal = new Portal(text, encodeArgs(text, args, this.#options.types), fetch, sink);
    return this.#feed(text, portal, async () => {
      // Its rows are given away as they come: what they look like must be known before.
      const prepared = await this.#described(text);
      portal.described(prepared.shape ?? null, prepared.name);
      try {
        await this.#submit(portal);
      } catch (err) {
        if (isStalePlan(err)) this.#prepared.drop(text);
        throw err;
      }
    });
  }

  copyOut(text: string, sink: (bytes: Uint8Array) => void): Feed {
    encodeArgs(text, []);
    const copy = new CopyOut(text, sink);
    return this.#feed(text, copy, () => this.#submit(copy));
  }

  copyIn(text: string): CopyIn {
    encodeArgs(text, []);
    const copy = new CopyRows(text, this.#options.types);
    const over = async (): Promise<number> => {
      try {
        await this.#submit(copy);
        return resultOf([], copy.tag).affected;
      } catch (err) {
        throw this.#failed(err, text);
      } finally {
        copy.close();
      }
    };
    return {
      room: () => copy.room(),
      add: (row) => copy.add(row),
      end: () => copy.end(),
      fail: () => copy.fail(),
      get ended() {
        return copy.ended;
      },
      over: over(),
    };
  }

  watch(watcher: Watcher): void {
    this.#watcher = watcher;
    if (this.#broken !== undefined) watcher.lost(this.#broken);
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

  async #query(text: string, args: readonly unknown[], begin?: string): Promise<Result> {
    const encoded = encodeArgs(text, args, this.#options.types);
    const ahead = begin === undefined ? undefined : { text: begin, plan: this.#plan(begin, []) };
    const plan = this.#plan(text, encoded);
    const statement = new Statement(text, plan, ahead);
    try {
      await this.#submit(statement);
    } catch (err) {
      // Nobody knows whether the server got as far as preparing it.
      if (plan.parse || isStalePlan(err)) this.#prepared.drop(text);
      if (ahead?.plan.parse === true) this.#prepared.drop(ahead.text);
      throw err;
    }
    const result = statement.result();
    const { shape } = statement;
    if (shape === null || shape === undefined || shape.unknown.length === 0) return result;
    const learned = await this.#learn(shape, result.rows);
    if (plan.prepared !== undefined) plan.prepared.shape = learned;
    return result;
  }

  async #learn(shape: Shape, rows: readonly Row[]): Promise<Shape> {
    await this.#options.types.learn(shape.unknown, async (text, args) => (await this.#query(text, args)).rows);
    return shape.learned(rows);
  }

  async #described(text: string): Promise<{ readonly name?: string; readonly shape?: Shape | null | undefined }> {
    const known = this.#prepared.get(text);
    if (known?.shape !== undefined) return known;
    const prepared = known ?? this.#prepared.add(text);
    const describe = new Describe(prepared?.name ?? "", text, this.#options.types);
    try {
      await this.#submit(describe);
    } catch (err) {
      this.#prepared.drop(text);
      throw err;
    }
    let { shape } = describe;
    if (shape !== null && shape.unknown.length > 0) shape = await this.#learn(shape, []);
    // What was asked meanwhile may have taken its place.
    if (prepared === undefined || this.#prepared.get(text) !== prepared) return { shape };
    prepared.shape = shape;
    return prepared;
  }

  #plan(text: string, args: Plan["args"]): Plan {
    const known = this.#prepared.get(text);
    const prepared = known ?? this.#prepared.add(text);
    const { types } = this.#options;
    return { args, types, prepared, parse: known === undefined, forget: this.#prepared.takeForgotten() };
  }

  #feed(text: string, exchange: Portal | CopyOut, run: () => Promise<void>): Feed {
    const over = async (): Promise<void> => {
      try {
        await run();
      } catch (err) {
        throw this.#failed(err, text);
      }
    };
    return { more: () => exchange.more(), stop: () => exchange.stop(), over: over() };
  }

  #submit(exchange: Foreign): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(notSent(this.#broken));
    return new Promise((resolve, reject) => {
      const settle = (err: unknown): void => (err === undefined ? resolve() : reject(err));
      this.#running = { exchange, settle };
      // A Submittable goes through as it is; pg types its Connection otherwise than it is.
      void this.#client.query(exchange as unknown as Submittable);
    });
  }

  #failed(err: unknown, text: string): SqlFailure {
    return this.#noted(statementFailure(err, text));
  }

  // What an error says of the connection is noted.
  #noted(failure: SqlFailure): SqlFailure {
    const demoted = this.demoted(failure);
    this.#broken ??= demoted;
    return demoted ?? failure;
  }

  #lose(err: unknown): void {
    const first = this.#broken === undefined;
    this.#broken ??= statementFailure(err, "idle connection");
    if (first) this.#watcher?.lost(this.#broken);
    const running = this.#running;
    this.#running = undefined;
    // What the server said last says more than that it hung up.
    running?.settle(running.exchange.error ?? err);
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
