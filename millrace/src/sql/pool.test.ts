import assert from "node:assert/strict";
import { test } from "node:test";
import { type CancelCtx, background, withCancel, withTimeout } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { openPool } from "./index.ts";
import { FakeDriver } from "./testing/fake.ts";

// Holds a connection until it is let go.
function gate(): { readonly held: Promise<void>; readonly let: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { held: promise, let: resolve };
}

test("bad options are refused", async () => {
  const cases = [
    { maxConns: 0 },
    { maxConns: 1.5 },
    { minConns: -1 },
    { minConns: 3, maxConns: 2 },
    { acquireTimeoutMs: 0 },
    { maxConnLifetimeMs: NaN },
  ];
  for (const options of cases) {
    await assert.rejects(openPool(background, new FakeDriver(), options), { reason: "sql/bad_option" });
  }
});

test("minConns are really opened, or nothing is", async () => {
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { minConns: 3 });
  assert.equal(driver.conns.length, 3);
  assert.equal(pool.stats().idle, 3);

  const failing = new FakeDriver();
  let n = 0;
  failing.connecting = async () => {
    if (++n === 2) throw new Failure("refused", { code: "unavailable" });
  };
  await assert.rejects(openPool(background, failing, { minConns: 3 }), { message: "refused" });
  assert.ok(
    failing.conns.every((conn) => conn.broken !== undefined),
    "those that were opened are closed",
  );
  assert.equal(failing.closed, 1);
});

test("never more than maxConns, first come first served", async () => {
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { maxConns: 2 });
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      pool.withConn(background, async () => {
        order.push(i);
        assert.ok(pool.stats().acquired <= 2);
        await new Promise(setImmediate);
      }),
    ),
  );
  assert.deepEqual(
    order,
    Array.from({ length: 50 }, (_, i) => i),
  );
  assert.equal(driver.conns.length, 2);
  const { acquireCount, waitCount, waitMs } = pool.stats();
  assert.equal(acquireCount, 50);
  assert.equal(waitCount, 49);
  assert.ok(waitMs > 0);
});

test("who comes while others wait queues behind them", async () => {
  await using pool = await openPool(background, new FakeDriver(), { maxConns: 1 });
  const order: string[] = [];
  const first = gate();
  const a = pool.withConn(background, async () => {
    await first.held;
  });
  const b = pool.withConn(background, () => void order.push("b"));
  first.let();
  await a;
  const c = pool.withConn(background, () => void order.push("c"));
  await Promise.all([b, c]);
  assert.deepEqual(order, ["b", "c"]);
});

test("waiters whose contexts end in any order leave the others in order", async () => {
  await using pool = await openPool(background, new FakeDriver(), { maxConns: 1 });
  const holder = gate();
  const held = pool.withConn(background, () => holder.held);
  const waiters = Array.from({ length: 200 }, (_, i) => {
    const ctx: CancelCtx = withCancel(background);
    return { i, ctx, done: pool.withConn(ctx, () => i).catch((err: Failure) => err.code) };
  });
  assert.equal(pool.stats().waiting, 200);
  const gone = waiters.filter(({ i }) => i % 3 !== 0).toSorted(() => Math.random() - 0.5);
  for (const { ctx } of gone) ctx.cancel();
  assert.equal(pool.stats().waiting, 67);
  holder.let();
  await held;
  const got = await Promise.all(waiters.map(({ done }) => done));
  assert.deepEqual(
    got,
    waiters.map(({ i }) => (i % 3 === 0 ? i : "canceled")),
  );
});

test("a waiter that gives up says who holds the connections", async () => {
  await using pool = await openPool(background, new FakeDriver(), { maxConns: 2, acquireTimeoutMs: 40 });
  const holder = gate();
  const held = Promise.all([
    pool.tx(background, async function transfer(ctx, tx) {
      await tx.exec(ctx, "update accounts set balance = balance - $1 where id = $2");
      await holder.held;
    }),
    pool.withConn(background, () => holder.held),
  ]);
  await new Promise(setImmediate);
  const before = performance.now();
  await assert.rejects(pool.many(background, "select 1"), (err: Failure) => {
    assert.equal(err.code, "resource_exhausted");
    assert.equal(err.reason, "sql/pool_timeout");
    assert.equal(err.detail, undefined);
    assert.match(err.message, /no connection within \d+ms: 2 of 2 connections in use, 0 waiting, held by /);
    assert.match(err.message, /tx transfer \(update accounts set balance = balance …\) for \d/);
    assert.match(err.message, /withConn for \d/);
    return true;
  });
  assert.ok(performance.now() - before >= 39);
  using short = withTimeout(background, 10);
  await assert.rejects(pool.many(short, "select 1"), (err: Failure) => {
    assert.equal(err.code, "deadline_exceeded");
    assert.match(err.message, /waiting for a connection \(2 of 2 connections in use, .*tx transfer/);
    return true;
  });
  assert.equal(pool.stats().timeouts, 1);
  holder.let();
  await held;
  assert.equal(pool.stats().idle, 2);
});

test("a queue that is full turns callers away at once", async () => {
  await using pool = await openPool(background, new FakeDriver(), { maxConns: 1, maxWaiting: 2 });
  const holder = gate();
  const held = pool.withConn(background, () => holder.held);
  const waiting = [pool.many(background, "select 1"), pool.many(background, "select 1")];
  await assert.rejects(pool.many(background, "select 1"), {
    code: "resource_exhausted",
    reason: "sql/pool_overloaded",
    retryable: true,
  });
  holder.let();
  await Promise.all([held, ...waiting]);
});

test("a second connection inside of a transaction is refused at once", async () => {
  await using pool = await openPool(background, new FakeDriver(), { maxConns: 5 });
  await using other = await openPool(background, new FakeDriver());
  const nested = { code: "failed_precondition", reason: "sql/nested_acquire" };
  const kept = await pool.tx(background, async (ctx) => {
    await assert.rejects(pool.many(ctx, "select 1"), nested);
    await assert.rejects(
      pool.tx(ctx, () => 1),
      nested,
    );
    await other.tx(ctx, (inner) => assert.rejects(pool.many(inner, "select 1"), nested));
    await other.many(ctx, "select 1");
    return ctx;
  });
  await pool.many(kept, "select 1");
});

test("a failed attempt to connect fails one waiter, and the next one is tried anew", async () => {
  const driver = new FakeDriver();
  let fail = true;
  driver.connecting = async () => {
    if (fail) throw new Failure("refused", { code: "unavailable", reason: "sql/connect_failed" });
  };
  await using pool = await openPool(background, driver, { minConns: 0, maxConns: 2 });
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => pool.many(background, "select 1")));
  assert.ok(results.every((r) => r.status === "rejected" && r.reason.reason === "sql/connect_failed"));
  fail = false;
  await pool.many(background, "select 1");
});

test("a full server keeps waiters waiting as long as the pool has connections", async () => {
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { maxConns: 5 });
  driver.connecting = async () => {
    throw new Failure("too many", { code: "resource_exhausted" });
  };
  const holder = gate();
  const held = pool.withConn(background, () => holder.held);
  const waiting = pool.many(background, "select 1");
  await new Promise(setImmediate);
  assert.equal(pool.stats().waiting, 1);
  holder.let();
  await Promise.all([held, waiting]);
});

test("connections grow old, lie idle, and are checked after a long rest", async (t) => {
  const cases = [
    { name: "lifetime", options: { maxConnLifetimeMs: 30 }, count: "closedByLifetime" },
    { name: "idle", options: { maxConnIdleTimeMs: 30, minConns: 0 }, count: "closedByIdle" },
  ] as const;
  for (const { name, options, count } of cases) {
    await t.test(name, async () => {
      const driver = new FakeDriver();
      await using pool = await openPool(background, driver, options);
      await pool.many(background, "select 1");
      const until = performance.now() + 5000;
      while (pool.stats()[count] === 0 && performance.now() < until) await new Promise((r) => setTimeout(r, 5));
      assert.ok(pool.stats()[count] > 0);
      assert.ok(driver.conns[0]!.broken !== undefined);
      await pool.many(background, "select 1");
    });
  }
  await t.test("health", async () => {
    const driver = new FakeDriver();
    await using pool = await openPool(background, driver, { healthCheckAfterMs: 0 });
    driver.conns[0]!.run = () => Promise.reject(new Error("no answer"));
    await pool.many(background, "select 1");
    assert.equal(driver.conns.length, 2);
    assert.equal(pool.stats().closedByHealth, 1);
  });
});

test("minConns are kept when connections are lost", async () => {
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { minConns: 2, maxConnIdleTimeMs: 40 });
  for (const conn of driver.conns) conn.destroy();
  const until = performance.now() + 5000;
  while (pool.stats().closedBroken < 2 && performance.now() < until) await new Promise((r) => setTimeout(r, 5));
  await new Promise(setImmediate);
  assert.equal(pool.stats().idle, 2);
  assert.equal(driver.conns.length, 4);
});

test("close waits for the holders, refuses new callers, and is idempotent", async () => {
  const driver = new FakeDriver();
  const pool = await openPool(background, driver, { maxConns: 1 });
  const holder = gate();
  const held = pool.withConn(background, () => holder.held);
  const waiting = pool.many(background, "select 1");
  waiting.catch(() => undefined);
  const closing = pool.close(background);
  await assert.rejects(waiting, { reason: "sql/pool_closed" });
  await assert.rejects(pool.many(background, "select 1"), { reason: "sql/pool_closed", retryable: false });
  assert.equal(driver.closed, 0);
  holder.let();
  await Promise.all([held, closing, pool.close(background)]);
  assert.ok(driver.conns[0]!.broken !== undefined);
});

test("close cuts what is held when its context ends, and says so", async () => {
  const driver = new FakeDriver();
  const pool = await openPool(background, driver, { maxConns: 1 });
  const conn = driver.conns[0]!;
  conn.run = () => new Promise(() => undefined);
  const stuck = pool.tx(background, async function stuckTransfer(ctx, tx) {
    await tx.exec(ctx, "select 1");
  });
  stuck.catch(() => undefined);
  using short = withTimeout(background, 20);
  await assert.rejects(pool.close(short), /closed by force \(1 of 1 connections in use, .*tx stuckTransfer/);
  await assert.rejects(stuck, { reason: "sql/connection_lost", retryable: true });
  await pool.close(background);
});

test("a driver that cannot cancel: the caller leaves, the connection comes back when the statement ends", async () => {
  const driver = new FakeDriver({ cancel: false });
  await using pool = await openPool(background, driver, { maxConns: 1 });
  const conn = driver.conns[0]!;
  const statement = gate();
  conn.run = () => statement.held;
  using short = withTimeout(background, 20);
  await assert.rejects(pool.many(short, "select slow()"), { code: "deadline_exceeded" });
  conn.run = () => Promise.resolve();
  assert.equal(pool.stats().acquired, 1);
  const next = pool.many(background, "select 1");
  assert.equal(pool.stats().waiting, 1);
  statement.let();
  await next;
  assert.equal(driver.conns.length, 1);
});

test("a cancel that fails costs the connection", async () => {
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { maxConns: 1 });
  const conn = driver.conns[0]!;
  conn.run = () => new Promise(() => undefined);
  conn.cancel = () => Promise.reject(new Error("refused"));
  using short = withTimeout(background, 20);
  await assert.rejects(pool.many(short, "select slow()"), { code: "deadline_exceeded" });
  await pool.many(background, "select 1");
  assert.equal(driver.conns.length, 2);
  assert.equal(pool.stats().closedBroken, 1);
});

test("a transaction left open by a statement is reported and not inherited", async () => {
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { maxConns: 1 });
  await assert.rejects(pool.exec(background, "begin"), { reason: "sql/open_transaction" });
  await assert.rejects(
    pool.withConn(background, (ctx, session) => session.exec(ctx, "begin")),
    { reason: "sql/open_transaction" },
  );
  await pool.many(background, "select 1");
  assert.equal(driver.conns.length, 3);
});
