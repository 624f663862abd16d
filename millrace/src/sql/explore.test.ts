import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, withCancel, withTimeout } from "../context/index.ts";
import { PlainConn } from "./testing/fake.ts";
import { Failure, codeOf } from "../errors/index.ts";
import { explore } from "../test/explore/explore.ts";
import type { T } from "../test/explore/run.ts";
import { drawn } from "../test/testing/drawn.ts";
import { io } from "../test/testing/io.ts";
import type { Conn, Driver, Result } from "./driver.ts";
import { openPool } from "./pool.ts";

const failure = (reason: string): Failure => new Failure(reason, { code: "unavailable", reason });

/** ModelServer is a server that cancels what runs when the request arrives, whatever that is by then. */
class ModelServer implements Driver {
  readonly name = "model";
  readonly can = { cancel: true, advisoryLocks: true };
  readonly conns = new Set<ModelConn>();
  most = 0;
  closed = false;

  async connect(ctx: Ctx): Promise<Conn> {
    await io();
    ctx.throwIfDone();
    const conn = new ModelConn(this);
    this.conns.add(conn);
    this.most = Math.max(this.most, this.conns.size);
    return conn;
  }

  async ping(): Promise<void> {
    await io();
  }

  async close(): Promise<void> {
    await io();
    this.closed = true;
  }
}

class ModelConn extends PlainConn implements Conn {
  inTransaction = false;
  broken: Failure | undefined = undefined;
  readonly #server: ModelServer;
  #running: { text: string; canceled: boolean } | undefined = undefined;

  constructor(server: ModelServer) {
    super();
    this.#server = server;
  }

  async begin(begin: string, text: string): Promise<Result> {
    await this.query(begin);
    return await this.query(text);
  }

  async query(text: string): Promise<Result> {
    if (this.broken !== undefined) throw this.broken;
    assert.equal(this.#running, undefined, `${text} while ${this.#running?.text} runs`);
    const running = (this.#running = { text, canceled: false });
    const command = text.split(" ")[0]!;
    try {
      for (let i = 0; i < 3 && !running.canceled; i++) await io();
      if (this.broken !== undefined) throw this.broken;
      if (running.canceled) throw failure("sql/query_canceled");
      if (command === "begin") this.inTransaction = true;
      if (command === "commit" || command === "rollback") this.inTransaction = false;
      return { rows: [{ text }], affected: 1, command: command.toUpperCase() };
    } finally {
      this.#running = undefined;
    }
  }

  async script(text: string): Promise<void> {
    await this.query(text);
  }

  async cancel(): Promise<void> {
    const meant = this.#running;
    await io();
    if (this.#running === undefined) return;
    assert.equal(this.#running, meant, `a cancel that was meant for ${meant?.text} hits ${this.#running.text}`);
    this.#running.canceled = true;
  }

  async close(): Promise<void> {
    this.broken ??= failure("sql/connection_lost");
    await io();
    this.#server.conns.delete(this);
  }

  destroy(): void {
    this.broken ??= failure("sql/connection_lost");
    this.#server.conns.delete(this);
  }
}

const CALLERS = 4;

async function crowd(t: T): Promise<void> {
  const server = new ModelServer();
  const pool = await openPool(t.ctx, server, { maxConns: 2 });
  async function call(id: number): Promise<void> {
    const ctx = withCancel(t.ctx);
    const leaving = (async () => {
      for (let hops = 0; hops < id; hops++) await io();
      if ((await drawn(2)) === 0) ctx.cancel();
    })();
    try {
      if ((await drawn(2)) === 0) {
        const rows = await pool.many(ctx, `select ${id}`);
        assert.deepEqual(rows, [{ text: `select ${id}` }]);
      } else {
        await pool.tx(ctx, async (inner, tx) => {
          await tx.exec(inner, `update ${id}`);
          await tx.exec(inner, `update ${id} again`);
        });
      }
    } catch (err) {
      if (err instanceof assert.AssertionError) throw err;
      assert.ok(["canceled", "unavailable"].includes(codeOf(err)), String(err));
      assert.notEqual(ctx.err, undefined, `only who leaves is told so: ${String(err)}`);
    }
    await leaving;
  }
  await Promise.all(Array.from({ length: CALLERS }, (_, id) => call(id)));
  await t.settle();
  const { acquired, waiting, opening, idle } = pool.stats();
  assert.deepEqual({ acquired, waiting, opening }, { acquired: 0, waiting: 0, opening: 0 });
  assert.ok(idle <= 2 && server.most <= 2);
  using limited = withTimeout(background, 1000);
  await pool.close(limited);
  assert.equal(server.conns.size, 0);
  assert.ok(server.closed);
}

test("the pool, in every schedule tried: no cancel hits another's statement, and every connection comes back", async () => {
  const done = await explore(crowd, { runs: 1000 });
  assert.equal(done.runs, 1000);
});
