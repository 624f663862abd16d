import assert from "node:assert/strict";
import type { Ctx } from "../../context/index.ts";
import type { Failure } from "../../errors/index.ts";
import type { Pool } from "../index.ts";
import { databaseTest, eventually } from "../testing/database.ts";
import { openTrusting, warm } from "../testing/lanes.ts";
import { proxyTo } from "../testing/proxy.ts";
import { postgres } from "./index.ts";

const reasons = (outcomes: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  outcomes.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as Failure).reason));

const through = async (ctx: Ctx, url: string, port: number): Promise<Pool> => {
  const via = new URL(url);
  via.hostname = "127.0.0.1";
  via.port = String(port);
  const options = { maxConns: 3, pipeline: { lanes: 1 }, healthCheckAfterMs: Infinity };
  return await openTrusting(ctx, postgres(via.href), options);
};

databaseTest("a backend killed in the middle of a pipeline", async (ctx, db) => {
  await using pool = await openTrusting(ctx, postgres(db.url), { maxConns: 3, pipeline: { lanes: 1 } });
  const admin = await db.open({ maxConns: 1 });
  await admin.exec(ctx, "create table t (n int)");
  await warm(ctx, pool, 1);
  const { pid } = await pool.one<{ pid: number }>(ctx, "select pg_backend_pid() as pid");
  const first = pool.exec(ctx, "insert into t values (0)");
  const slow = pool.exec(ctx, "select pg_sleep(30)");
  const behind = Array.from({ length: 10 }, (_, i) => pool.exec(ctx, "insert into t values ($1)", [i + 1]));
  const all = Promise.allSettled([first, slow, ...behind]);
  assert.equal(await first, 1);
  await admin.exec(ctx, "select pg_terminate_backend($1)", [pid]);
  const [done, ...others] = await all;
  assert.equal(done.status, "fulfilled");
  for (const one of others) {
    assert.ok(one.status === "rejected");
    const { code, reason, retryable } = one.reason as Failure;
    assert.deepEqual(
      { code, reason, retryable },
      { code: "unavailable", reason: "sql/connection_lost", retryable: false },
    );
  }
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 0 }], "nothing is run again by itself");
  assert.equal(pool.stats().lanes!.closedBroken, 1);
  await warm(ctx, pool, 1);
  assert.notEqual((await pool.one(ctx, "select pg_backend_pid() as pid"))["pid"], pid, "replaced");
  await eventually(ctx, "all is quiet", () => pool.stats().acquired + pool.stats().lanes!.inFlight === 0);
});

databaseTest("a connection cut when statements are on their way: done or not, none is done twice", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  await using pool = await through(ctx, db.url, proxy.port);
  await pool.exec(ctx, "create table t (n int)");
  for (const when of ["before", "after"] as const) {
    await warm(ctx, pool, 1);
    proxy.cutWhen("insert into t select", when);
    // Another text each time: one that was slow would not go to the lane.
    const inserts = Array.from({ length: 10 }, (_, i) =>
      pool.exec(ctx, `insert into t select $1::int /* ${when} */`, [i]),
    );
    assert.deepEqual(new Set(reasons(await Promise.allSettled(inserts))), new Set(["sql/connection_lost"]));
    const rows = await pool.many(ctx, "select n, count(*)::int as times from t group by n");
    assert.ok(
      rows.every(({ times }) => times === 1),
      JSON.stringify(rows),
    );
    if (when === "before") assert.deepEqual(rows, []);
    await pool.exec(ctx, "truncate t");
  }
});

databaseTest("statements that are not written when the lane is lost go elsewhere", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  await using pool = await through(ctx, db.url, proxy.port);
  await pool.exec(ctx, "create table t (n int)");
  await warm(ctx, pool, 1);
  const slow = pool.exec(ctx, "select pg_sleep(30)");
  slow.catch(() => undefined);
  await new Promise((resolve) => void setImmediate(resolve));
  // While the lane is stalled, and when it is gone.
  const insert = (n: number): Promise<number> => pool.exec(ctx, "insert into t values ($1)", [n]);
  proxy.refuse(true);
  await assert.rejects(slow, { reason: "sql/connection_lost", retryable: false });
  proxy.refuse(false);
  await eventually(ctx, "it goes on", () =>
    insert(1).then(
      () => true,
      () => false,
    ),
  );
  assert.deepEqual(
    await Promise.all(Array.from({ length: 20 }, (_, i) => insert(i + 2))),
    Array.from({ length: 20 }, () => 1),
  );
  await warm(ctx, pool, 1);
});

databaseTest("an idle lane that the network has lost is found out before it is used", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  const via = new URL(db.url);
  via.hostname = "127.0.0.1";
  via.port = String(proxy.port);
  const options = { maxConns: 2, pipeline: { lanes: 1 }, healthCheckAfterMs: 20 };
  await using pool = await openTrusting(ctx, postgres(via.href), options);
  await warm(ctx, pool, 1);
  proxy.hold(true);
  const since = performance.now();
  await eventually(ctx, "it was idle for long", () => performance.now() - since > 25);
  // The connection of its own does not answer either, in time.
  // A new text: one that was slow while the machine was busy would not go to the lane.
  const asked = pool.exec(ctx, "select 1 as asked");
  asked.catch(() => undefined);
  await eventually(ctx, "the lane is given up", () => pool.stats().lanes!.closedByHealth === 1);
  // What was being opened meanwhile has missed its answers.
  proxy.hold(false);
  proxy.refuse(true);
  proxy.refuse(false);
  await Promise.allSettled([asked]);
  await eventually(ctx, "it goes on", () =>
    pool.exec(ctx, "select 1").then(
      () => true,
      () => false,
    ),
  );
  await warm(ctx, pool, 1);
});
