import assert from "node:assert/strict";
import type { Ctx } from "../../context/index.ts";
import type { Failure } from "../../errors/index.ts";
import { type Pool, type PoolOptions, type Querier, openPool } from "../index.ts";
import { databaseTest, eventually } from "../testing/database.ts";
import { type Proxy, proxyTo } from "../testing/proxy.ts";
import { postgres } from "./index.ts";

const pidOf = async (ctx: Ctx, db: Querier): Promise<number> =>
  (await db.one<{ pid: number }>(ctx, "select pg_backend_pid() as pid")).pid;

async function through(proxy: Proxy, ctx: Ctx, url: string, options?: PoolOptions): Promise<Pool> {
  const via = new URL(url);
  via.hostname = "127.0.0.1";
  via.port = String(proxy.port);
  return await openPool(ctx, postgres(via.href), options);
}

databaseTest("a backend killed in the middle of a statement", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  const admin = await db.open({ maxConns: 1 });
  const pid = await pidOf(ctx, pool);
  const query = pool.many(ctx, "select pg_sleep(30)");
  query.catch(() => undefined);
  await eventually(ctx, "it runs", async () => {
    const row = await admin.one<{ n: number }>(
      ctx,
      "select count(*)::int as n from pg_stat_activity where pid = $1 and state = 'active'",
      [pid],
    );
    return row.n === 1;
  });
  await admin.query(ctx, "select pg_terminate_backend($1)", [pid]);
  await assert.rejects(query, { code: "unavailable", reason: "sql/connection_lost", retryable: false });
  assert.notEqual(await pidOf(ctx, pool), pid);
  assert.equal(pool.stats().closedBroken, 1);
});

databaseTest("a backend killed while it is idle", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  const admin = await db.open({ maxConns: 1 });
  const pid = await pidOf(ctx, pool);
  await admin.query(ctx, "select pg_terminate_backend($1)", [pid]);
  await eventually(ctx, "the pool notices or the statement fails", async () => {
    try {
      return (await pidOf(ctx, pool)) !== pid;
    } catch (err) {
      // It was sent before the news had come.
      assert.equal((err as Failure).reason, "sql/connection_lost");
      return false;
    }
  });
});

databaseTest("a backend killed in a transaction: retryable, and nothing is committed", async (ctx, db) => {
  const pool = await db.open({ maxConns: 2 });
  const admin = await db.open({ maxConns: 1 });
  await admin.exec(ctx, "create table t (n int)");
  let runs = 0;
  await assert.rejects(
    pool.tx(ctx, async (ctx, tx) => {
      runs++;
      await tx.exec(ctx, "insert into t values (1)");
      await admin.query(ctx, "select pg_terminate_backend($1)", [await pidOf(ctx, tx)]);
      await tx.exec(ctx, "insert into t values (2)");
    }),
    { code: "unavailable", reason: "sql/connection_lost", retryable: true },
  );
  assert.equal(runs, 1, "the caller decides whether to run it again");
  assert.deepEqual(await pool.many(ctx, "select n from t"), []);
});

databaseTest("a connection cut at COMMIT leaves the outcome unknown, and says so", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  await using pool = await through(proxy, ctx, db.url, { maxConns: 1 });
  await pool.exec(ctx, "create table t (n int)");
  const insert = (n: number): Promise<void> =>
    pool.tx(ctx, async (ctx, tx) => void (await tx.exec(ctx, "insert into t values ($1)", [n])));
  const cases = [
    { n: 1, when: "before" as const },
    { n: 2, when: "after" as const },
  ];
  for (const { n, when } of cases) {
    proxy.cutWhen("commit", when);
    await assert.rejects(insert(n), { code: "unknown", reason: "sql/commit_unknown", retryable: false });
  }
  // Unknown means unknown: the second one was committed.
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 2 }]);
});

databaseTest("an autocommit statement cut on its way is not run twice", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  await using pool = await through(proxy, ctx, db.url, { maxConns: 1 });
  await pool.exec(ctx, "create table t (n int)");
  proxy.cutWhen("insert into t", "after");
  await assert.rejects(pool.exec(ctx, "insert into t values (1)"), { reason: "sql/connection_lost", retryable: false });
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 1 }]);
});

databaseTest("a server that goes and comes back", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  await using pool = await through(proxy, ctx, db.url, { maxConns: 4, minConns: 4 });
  await pool.ping(ctx);
  proxy.refuse(true);
  await eventually(ctx, "it is gone", async () => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => pool.many(ctx, "select 1")));
    for (const r of results) if (r.status === "rejected") assert.equal(r.reason.code, "unavailable");
    return results.every((r) => r.status === "rejected");
  });
  await assert.rejects(pool.ping(ctx), { code: "unavailable" });
  proxy.refuse(false);
  await Promise.all(Array.from({ length: 8 }, () => pool.many(ctx, "select 1")));
  await pool.ping(ctx);
  assert.equal(pool.stats().acquired, 0);
});

databaseTest(
  "a network that swallows answers: the check and the rollback are cut, callers leave in time",
  async (ctx, db) => {
    await using proxy = await proxyTo(db.url);
    await using pool = await through(proxy, ctx, db.url, { maxConns: 2, acquireTimeoutMs: 200, healthCheckAfterMs: 0 });
    await pool.many(ctx, "select 1");
    proxy.hold(true);
    await assert.rejects(pool.many(ctx, "select 1"), { reason: "sql/pool_timeout" });
    assert.equal(pool.stats().opening, 1, "the check still goes on");
    proxy.hold(false);
    await eventually(ctx, "it works again", () =>
      pool.many(ctx, "select 1").then(
        () => true,
        () => false,
      ),
    );
  },
);
