import assert from "node:assert/strict";
import { type Ctx, withCancel } from "../../context/index.ts";
import { type Pool, type PoolOptions, openPool } from "../index.ts";
import { databaseTest, eventually } from "../testing/database.ts";
import { openTrusting, warm } from "../testing/lanes.ts";
import { proxyTo, via } from "../testing/proxy.ts";
import { postgres } from "./index.ts";

const pidOf = async (ctx: Ctx, pool: Pool): Promise<number> =>
  (await pool.one<{ pid: number }>(ctx, "select pg_backend_pid() as pid")).pid;

// A cancel request names a connection: while nobody knows where it is, it may strike whatever runs there next.
const cases: readonly { readonly name: string; readonly options: PoolOptions }[] = [
  { name: "a connection of its own", options: { maxConns: 1 } },
  { name: "a lane", options: { maxConns: 2, pipeline: { lanes: 1 } } },
];

for (const { name, options } of cases) {
  const lanes = options.pipeline?.lanes ?? 0;
  const isOpen = async (ctx: Ctx, pool: Pool): Promise<void> => {
    if (lanes > 0) await warm(ctx, pool, lanes);
  };

  databaseTest(`${name}: a cancel request that is late strikes nobody else`, async (ctx, db) => {
    await using proxy = await proxyTo(db.url);
    await using pool = await openTrusting(ctx, postgres(via(proxy, db.url)), options);
    await isOpen(ctx, pool);
    const pid = await pidOf(ctx, pool);
    for (let i = 0; i < 5; i++) {
      proxy.holdCancels(true);
      using at = withCancel(ctx);
      const left = pool.exec(at, "select pg_sleep(0.03)");
      // When it runs.
      await new Promise((resolve) => void setImmediate(resolve));
      at.cancel();
      await assert.rejects(left, { code: "canceled" });
      await eventually(ctx, "the request is on its way", () => proxy.heldCancels > 0);
      // The statement ends by itself long before; whoever follows must not run on its connection while it is.
      const next = Array.from({ length: 5 }, (_, n) => pool.one(ctx, "select $1::int as n, pg_sleep(0.005)", [n]));
      if (lanes === 0) {
        await db.open({ maxConns: 1 }).then((other) => other.exec(ctx, "select pg_sleep(0.05)"));
        assert.deepEqual([pool.stats().waiting, pool.stats().acquired], [5, 1]);
      }
      proxy.holdCancels(false);
      const rows = await Promise.all(next);
      assert.deepEqual(
        rows.map((row) => row["n"]),
        [0, 1, 2, 3, 4],
      );
    }
    await eventually(ctx, "nothing is held", () => pool.stats().acquired + (pool.stats().lanes?.shut ?? 0) === 0);
    assert.equal(pool.stats().closedBroken + (pool.stats().lanes?.closedBroken ?? 0), 0);
    await isOpen(ctx, pool);
    assert.equal(await pidOf(ctx, pool), pid, "the connection is kept");
  });

  databaseTest(`${name}: a cancel request that hangs costs the connection, when its time is over`, async (ctx, db) => {
    await using proxy = await proxyTo(db.url);
    await using pool = await openTrusting(ctx, postgres(via(proxy, db.url)), options);
    await isOpen(ctx, pool);
    const observer = await db.open({ maxConns: 1 });
    const pid = await pidOf(ctx, pool);
    proxy.holdCancels(true);
    using at = withCancel(ctx);
    const left = pool.exec(at, "select pg_sleep(0.03)");
    await new Promise((resolve) => void setImmediate(resolve));
    at.cancel();
    await assert.rejects(left, { code: "canceled" });
    await eventually(ctx, "the request is on its way", () => proxy.heldCancels > 0);
    // It waits for as long as the request may take, and is served by another connection.
    const next = await pool.one<{ pid: number }>(ctx, "select pg_backend_pid() as pid, 1 as next");
    assert.notEqual(next.pid, pid);
    await eventually(ctx, "it is closed", () => {
      const { closedBroken, lanes } = pool.stats();
      return closedBroken + (lanes?.closedBroken ?? 0) === 1;
    });
    await eventually(ctx, "the server has noticed", async () => {
      const row = await observer.maybe(ctx, "select from pg_stat_activity where pid = $1", [pid]);
      return row === undefined;
    });
    proxy.holdCancels(false);
    await isOpen(ctx, pool);
    for (let n = 0; n < 20; n++) assert.deepEqual(await pool.one(ctx, "select $1::int as n", [n]), { n });
  });
}

databaseTest("a cancel request that is refused costs the connection", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  await using pool = await openPool(ctx, postgres(via(proxy, db.url)), { maxConns: 1 });
  const observer = await db.open({ maxConns: 1 });
  const pid = await pidOf(ctx, pool);
  using at = withCancel(ctx);
  const left = pool.exec(at, "select pg_sleep(600)");
  await eventually(ctx, "it runs", async () => {
    const text = "select from pg_stat_activity where pid = $1 and state = 'active'";
    return (await observer.maybe(ctx, text, [pid])) !== undefined;
  });
  proxy.refuseNew(true);
  at.cancel();
  await assert.rejects(left, { code: "canceled" });
  await eventually(ctx, "it is closed", () => pool.stats().closedBroken === 1);
  proxy.refuseNew(false);
  assert.notEqual(await pidOf(ctx, pool), pid);
});
