import assert from "node:assert/strict";
import { databaseTest } from "../testing/database.ts";
import { warm } from "../testing/lanes.ts";

const SELECTS = 64;
const RUN_MS = 1500;
const MIN_SLOW = 20;

const median = (waits: readonly number[]): number => waits.toSorted((a, b) => a - b)[waits.length >> 1]!;

databaseTest("slow statements among point selects: these do not wait for them", async (ctx, db) => {
  const pool = await db.open({ maxConns: 10, pipeline: { lanes: 4 } });
  await pool.exec(ctx, "create table t (id int primary key, v text)");
  await pool.exec(ctx, "insert into t select i, 'value ' || i from generate_series(1, 10000) i");
  await warm(ctx, pool, 4);
  let waits: number[] = [];
  let slow = 0;
  let calls = 0;
  const worker = async (end: number, withSlow: boolean): Promise<void> => {
    while (performance.now() < end || (withSlow && slow < MIN_SLOW)) {
      const n = ++calls;
      // One in a hundred takes 50 ms; each in ten of those has a text that was never seen before.
      if (withSlow && n % 100 === 0) {
        slow++;
        await pool.exec(ctx, n % 1000 === 0 ? `select pg_sleep(0.05) /* ${n} */` : "select pg_sleep(0.05)");
        continue;
      }
      const since = performance.now();
      const id = 1 + (n % 10_000);
      assert.deepEqual(await pool.one(ctx, "select id, v from t where id = $1", [id]), { id, v: `value ${id}` });
      waits.push(performance.now() - since);
    }
  };
  const run = async (ms: number, withSlow: boolean): Promise<number> => {
    waits = [];
    const end = performance.now() + ms;
    await Promise.all(Array.from({ length: SELECTS }, () => worker(end, withSlow)));
    return median(waits);
  };
  // What they take on this machine by themselves.
  const alone = await run(RUN_MS / 3, false);
  const before = pool.stats().lanes!.statements;
  const middle = await run(RUN_MS, true);
  const told = `${waits.length} selects, median ${middle.toFixed(1)} ms, alone ${alone.toFixed(1)} ms, ${slow} slow`;
  assert.ok(pool.stats().lanes!.statements <= before + waits.length, "none of the slow ones was on a lane");
  // Were each select behind a slow one on its lane, this would be tens of milliseconds.
  assert.ok(middle < Math.max(15, 3 * alone), told);
});
