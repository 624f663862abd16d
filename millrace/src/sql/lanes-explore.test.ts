import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, withCancel, withTimeout } from "../context/index.ts";
import { as } from "../errors/index.ts";
import { explore } from "../test/explore/explore.ts";
import type { T } from "../test/explore/run.ts";
import { drawn } from "../test/testing/drawn.ts";
import { io } from "../test/testing/io.ts";
import type { Conn, Driver, LaneConn, LaneStatement, Result } from "./driver.ts";
import { SqlFailure } from "./failure.ts";
import { PlainConn } from "./testing/fake.ts";
import { openTrusting } from "./testing/lanes.ts";

const lost = (): SqlFailure =>
  new SqlFailure("lost", { code: "unavailable", reason: "sql/connection_lost", retryable: false });
const canceled = (): SqlFailure =>
  new SqlFailure("canceled", { code: "canceled", reason: "sql/query_canceled", sqlState: "57014" });
const answer = (text: string): Result => ({ rows: [{ text }], affected: 1, command: "INSERT" });

/** Backend is one session of the model's server: it works on what it was sent, one after the other. */
class Backend {
  readonly #applied: string[];
  // What it works on now; a cancel strikes that, whoever it was meant for.
  #running: { canceled: boolean } | undefined = undefined;
  gone = false;

  constructor(applied: string[]) {
    this.#applied = applied;
  }

  async work(text: string): Promise<Result> {
    const running = (this.#running = { canceled: false });
    for (let i = 0; i < 2 && !running.canceled && !this.gone; i++) await io();
    this.#running = undefined;
    if (running.canceled) throw canceled();
    if (this.gone) throw lost();
    this.#applied.push(text);
    return answer(text);
  }

  /** cancel resolves when the request is over. */
  async cancel(): Promise<void> {
    await io();
    if (this.#running !== undefined) this.#running.canceled = true;
    await io();
  }
}

class ModelLane implements LaneConn {
  broken: SqlFailure | undefined = undefined;
  readonly #backend: Backend;
  readonly #onWay: LaneStatement[] = [];
  readonly #inbox: LaneStatement[] = [];
  #answers: Promise<void> = Promise.resolve();
  #works = false;
  #lost: (() => void) | undefined = undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get head(): LaneStatement | undefined {
    return this.#onWay[0];
  }

  get depth(): number {
    return this.#onWay.length;
  }

  onLost(listener: () => void): void {
    this.#lost = listener;
  }

  send(statements: readonly LaneStatement[]): void {
    assert.equal(this.broken, undefined, "nothing is sent on a broken connection");
    this.#onWay.push(...statements);
    this.#inbox.push(...statements);
    assert.ok(this.#onWay.length <= 32);
    if (!this.#works) void this.#work();
  }

  cancel(): Promise<void> {
    return this.#backend.cancel();
  }

  async close(): Promise<void> {
    if (this.broken === undefined) assert.equal(this.depth, 0, "what is on its way is not cut off");
    this.#lost = undefined;
    this.destroy();
    await io();
  }

  destroy(): void {
    this.#backend.gone = true;
    if (this.broken !== undefined) return;
    this.broken = lost();
    for (let next = this.#onWay.shift(); next !== undefined; next = this.#onWay.shift()) next.failed(lost());
    this.#lost?.();
  }

  async #work(): Promise<void> {
    this.#works = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      const outcome = await Promise.allSettled([this.#backend.work(next.text)]);
      // The news of it travel while the server goes on.
      this.#answers = this.#arrive(this.#answers, outcome[0]);
    }
    this.#works = false;
  }

  async #arrive(before: Promise<void>, outcome: PromiseSettledResult<Result>): Promise<void> {
    await before;
    await io();
    const next = this.#onWay[0];
    if (this.broken !== undefined || next === undefined) return;
    this.#onWay.shift();
    if (outcome.status === "fulfilled") next.done(outcome.value);
    else next.failed(outcome.reason);
  }
}

class ModelConn extends PlainConn implements Conn {
  readonly inTransaction = false;
  broken: SqlFailure | undefined = undefined;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    super();
    this.#backend = backend;
  }

  async begin(begin: string, text: string): Promise<Result> {
    await this.query(begin);
    return await this.query(text);
  }

  query(text: string): Promise<Result> {
    return this.#backend.work(text);
  }

  async script(text: string): Promise<void> {
    await this.query(text);
  }

  cancel(): Promise<void> {
    return this.#backend.cancel();
  }

  async close(): Promise<void> {
    this.destroy();
    await io();
  }

  destroy(): void {
    this.broken ??= lost();
    this.#backend.gone = true;
  }
}

class ModelServer implements Driver {
  readonly name = "model";
  readonly can = { cancel: true, advisoryLocks: true };
  readonly applied: string[] = [];
  readonly lanes: ModelLane[] = [];

  async connect(ctx: Ctx): Promise<Conn> {
    await io();
    ctx.throwIfDone();
    return new ModelConn(new Backend(this.applied));
  }

  async openLane(ctx: Ctx): Promise<LaneConn> {
    await io();
    ctx.throwIfDone();
    const lane = new ModelLane(new Backend(this.applied));
    this.lanes.push(lane);
    return lane;
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}
}

const CALLERS = 4;
const CALLS = 3;

async function crowd(t: T): Promise<void> {
  const server = new ModelServer();
  const pool = await openTrusting(t.ctx, server, { maxConns: 2, minConns: 0, pipeline: { lanes: 1 } });
  // Has the lane opened.
  await pool.exec(t.ctx, "insert first");
  await t.settle();
  const times = (text: string): number => server.applied.filter((one) => one === text).length;
  async function call(text: string): Promise<void> {
    const ctx = withCancel(t.ctx);
    const leaving = (async () => {
      if ((await drawn(2)) === 0) return;
      for (let hops = await drawn(8); hops > 0; hops--) await io();
      ctx.cancel();
    })();
    try {
      assert.deepEqual(await pool.many(ctx, text), [{ text }]);
      assert.equal(times(text), 1, `${text} is done once`);
    } catch (err) {
      if (err instanceof assert.AssertionError) throw err;
      if (ctx.err === undefined) {
        assert.equal(as(err, SqlFailure)?.reason, "sql/connection_lost", `only who leaves is canceled: ${String(err)}`);
        assert.ok(
          server.lanes.some((lane) => lane.broken !== undefined),
          String(err),
        );
      }
    }
    await leaving;
    assert.ok(times(text) <= 1, `${text} is done at most once`);
  }
  async function caller(id: number): Promise<void> {
    for (let n = 0; n < CALLS; n++) await call(`insert ${id}.${n}`);
  }
  const cutting = (async () => {
    if ((await drawn(4)) > 0) return;
    for (let hops = await drawn(12); hops > 0; hops--) await io();
    server.lanes[0]!.destroy();
  })();
  await Promise.all([cutting, ...Array.from({ length: CALLERS }, (_, id) => caller(id))]);
  await t.settle();
  assert.equal(new Set(server.applied).size, server.applied.length, "nothing is done twice");
  const { acquired, waiting, lanes } = pool.stats();
  const { inFlight, shut, opening, closing } = lanes!;
  assert.deepEqual(
    { acquired, waiting, inFlight, shut, opening, closing },
    { acquired: 0, waiting: 0, inFlight: 0, shut: 0, opening: 0, closing: 0 },
  );
  using limited = withTimeout(background, 1000);
  await pool.close(limited);
  assert.ok(server.lanes.every((lane) => lane.broken !== undefined));
}

test("lanes, in every schedule tried: no cancel reaches a caller who stays, nothing is done twice, all comes to rest", async () => {
  const done = await explore(crowd, { runs: 1000 });
  assert.equal(done.runs, 1000);
});
