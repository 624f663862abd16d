import assert from "node:assert/strict";
import { test } from "node:test";
import { withTimeout } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { openPool } from "../../sql/index.ts";
import { FakeDriver } from "../../sql/testing/fake.ts";
import { bubble } from "../bubble.ts";
import { explore } from "../explore/explore.ts";
import { faultyDriver } from "./driver.ts";
import { type FaultsOptions, faults } from "./faults.ts";

const HARD: FaultsOptions = { rate: 0.5, maxDelayMs: 400 };

/** seen collects what a pool's callers see in many runs. */
async function seen(options: FaultsOptions): Promise<{ reasons: Set<string>; ran: Set<boolean>; longestMs: number }> {
  const all = { reasons: new Set<string>(), ran: new Set<boolean>(), longestMs: 0 };
  await explore(
    async (t) => {
      const driver = new FakeDriver();
      const ctx = faults(t.ctx, { ...HARD, ...options });
      let inserted = false;
      const began = performance.now();
      try {
        await using pool = await openPool(withTimeout(ctx, 10_000), faultyDriver(driver), { maxConns: 1 });
        driver.conns[0]!.run = (text) => {
          inserted ||= text.startsWith("insert");
          return Promise.resolve();
        };
        try {
          await pool.tx(ctx, (ctx_, tx) => tx.exec(ctx_, "insert into t values (1)"), { attempts: 1 });
          all.reasons.add("ok");
        } catch (err) {
          assert.ok(err instanceof Failure);
          all.reasons.add(err.reason);
          all.ran.add(inserted);
          assert.equal(driver.conns[0]!.broken !== undefined, true, "the connection is gone");
        }
      } catch (err) {
        assert.ok(err instanceof Failure, String(err));
        all.reasons.add(`open: ${err.reason}`);
      }
      all.longestMs = Math.max(all.longestMs, performance.now() - began);
      for (const conn of driver.conns) assert.ok(conn.broken !== undefined, "all are closed in the end");
    },
    { runs: 200, leaks: false },
  );
  return all;
}

test("connections are lost before a statement, after it, and in a commit, whose outcome nobody knows", async () => {
  const { reasons, ran } = await seen({ kinds: ["reject"] });
  assert.deepEqual([...reasons].toSorted(), [
    "ok",
    "open: sql/connect_failed",
    "sql/commit_unknown",
    "sql/connection_lost",
  ]);
  assert.deepEqual(ran, new Set([true, false]));
});

test("delays fail nothing", async () => {
  const { reasons, longestMs } = await seen({ kinds: ["delay"] });
  assert.deepEqual([...reasons], ["ok"]);
  assert.ok(longestMs >= 400, `${longestMs} ms`);
});

test("without a plan the driver is as it was", async () => {
  await bubble(async (t) => {
    const driver = new FakeDriver({ cancel: false });
    const faulty = faultyDriver(driver);
    assert.deepEqual([faulty.name, faulty.can.cancel], ["fake", false]);
    await faulty.ping(t.ctx);
    const conn = await faulty.connect(t.ctx);
    await conn.script("begin");
    assert.equal(conn.inTransaction, true);
    assert.equal((await conn.query("rollback", [])).command, "ROLLBACK");
    assert.equal(conn.broken, undefined);
    await conn.cancel();
    conn.destroy();
    assert.equal(driver.conns[0]!.broken?.reason, "sql/connection_lost");
    await conn.close();
    await faulty.close();
    assert.equal(driver.closed, 1);
  });
});
