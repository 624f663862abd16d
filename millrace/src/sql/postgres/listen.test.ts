import assert from "node:assert/strict";
import { background, sleep, withCancel } from "../../context/index.ts";
import { bubble } from "../../test/index.ts";
import { type Notification, type Pool, type Querier, openPool } from "../index.ts";
import { databaseTest, eventually } from "../testing/database.ts";
import { FakeDriver } from "../testing/fake.ts";
import { proxyTo } from "../testing/proxy.ts";
import { postgres } from "./index.ts";
import { test } from "node:test";

const GAP = { channel: "c", payload: "", gap: true };

/** listeners are the server's processes that wait for notifications. */
async function listeners(ctx: Parameters<Querier["many"]>[0], admin: Querier): Promise<number[]> {
  const rows = await admin.many<{ pid: number }>(
    ctx,
    "select pid from pg_stat_activity where datname = current_database() and query like 'listen%'",
  );
  return rows.map((row) => row.pid);
}

const on = (pool: Pool, ...args: Parameters<Pool["listen"]>): AsyncIterator<Notification> =>
  pool.listen(...args)[Symbol.asyncIterator]();

databaseTest("a lost connection is made again, and shows as a gap", async (ctx, db) => {
  const pool = await db.open();
  const heard = on(pool, ctx, "c");
  assert.deepEqual((await heard.next()).value, GAP);
  await pool.exec(ctx, "notify c, 'before'");
  assert.equal((await heard.next()).value.payload, "before");
  const [pid] = await listeners(ctx, pool);
  await pool.exec(ctx, "select pg_terminate_backend($1)", [pid]);
  assert.deepEqual((await heard.next()).value, GAP);
  await pool.exec(ctx, "notify c, 'after'");
  assert.equal((await heard.next()).value.payload, "after");
  await heard.return?.();
  await eventually(ctx, "the connection is closed", async () => (await listeners(ctx, pool)).length === 0);
});

databaseTest("it comes back when the server does", async (ctx, db) => {
  const admin = await db.open();
  await using proxy = await proxyTo(db.url);
  const via = new URL(db.url);
  via.hostname = "127.0.0.1";
  via.port = String(proxy.port);
  await using pool = await openPool(ctx, postgres(via.href), { minConns: 0 });
  const heard = on(pool, ctx, "c");
  await heard.next();
  const next = heard.next();
  proxy.refuse(true);
  await eventually(ctx, "it is gone", async () => (await listeners(ctx, admin)).length === 0);
  proxy.refuse(false);
  assert.deepEqual((await next).value, GAP);
  await heard.return?.();
  proxy.refuse(true);
  await assert.rejects(on(pool, ctx, "c").next(), { code: "unavailable" });
});

databaseTest("what does not fit into the queue is a gap", async (ctx, db) => {
  const pool = await db.open();
  const heard = on(pool, ctx, "c", { maxQueued: 2 });
  await heard.next();
  await pool.exec(ctx, "select pg_notify('c', n::text) from generate_series(1, 9) n");
  const seen: unknown[] = [];
  // The notifications come in one packet, or the last of them find room again: a gap is seen in any case, in order.
  for (let one = await heard.next(); one.value.payload !== "end"; one = await heard.next()) {
    if (seen.length === 0) {
      await pool.exec(ctx, "select pg_notify('c', n::text) from generate_series(10, 99) n");
    }
    seen.push(one.value.gap ? "gap" : Number(one.value.payload));
    if (one.value.gap) await pool.exec(ctx, "notify c, 'end'");
  }
  const numbers = seen.filter((one) => one !== "gap") as number[];
  assert.ok(seen.includes("gap"));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});

databaseTest("the context and the pool end it, also when nobody waits", async (ctx, db) => {
  const admin = await db.open();
  const pool = await db.open();
  using life = withCancel(ctx);
  const [waiting, idle, closed] = [on(pool, life, "c"), on(pool, life, "c"), on(pool, ctx, "c")];
  for (const one of [waiting, idle, closed]) await one.next();
  assert.equal((await listeners(ctx, admin)).length, 3);
  const next = assert.rejects(waiting.next(), { code: "canceled" });
  life.cancel();
  await next;
  await eventually(ctx, "two are closed", async () => (await listeners(ctx, admin)).length === 1);
  await assert.rejects(idle.next(), { code: "canceled" });
  const over = assert.rejects(closed.next(), { reason: "sql/pool_closed" });
  await pool.close(ctx);
  await over;
  await assert.rejects(on(pool, ctx, "c").next(), { reason: "sql/pool_closed" });
  await eventually(ctx, "all are closed", async () => (await listeners(ctx, admin)).length === 0);
});

test("nothing is opened before the first item is asked for", async () => {
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { minConns: 0 });
  pool.listen(background, "c");
  assert.equal(driver.conns.length, 0);
});

test("a server that is silent is unavailable, after 10 seconds", () =>
  bubble(async () => {
    const driver = new FakeDriver();
    driver.connecting = (ctx) => sleep(ctx, 3_600_000);
    await using pool = await openPool(background, driver, { minConns: 0 });
    const since = performance.now();
    await assert.rejects(on(pool, background, "c").next(), { code: "unavailable", reason: "sql/connect_failed" });
    assert.equal(Math.round(performance.now() - since), 10_000);
  }));
