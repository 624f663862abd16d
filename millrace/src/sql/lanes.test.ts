import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, withCancel } from "../context/index.ts";
import type { Failure } from "../errors/index.ts";
import { bubble } from "../test/index.ts";
import { type Pool, type PoolOptions, openPool } from "./index.ts";
import { FakeDriver } from "./testing/fake.ts";
import { openTrusting } from "./testing/lanes.ts";
import { type FakeLane, FakeLaneDriver } from "./testing/fake-lane.ts";

interface Bench {
  readonly pool: Pool;
  readonly driver: FakeLaneDriver;
  readonly lanes: readonly FakeLane[];
  /** sleep waits so many virtual milliseconds; what is ready runs first. */
  readonly sleep: (ms: number) => Promise<void>;
}

// A test in virtual time, of a pool whose lanes are open and idle.
function laneTest(name: string, options: PoolOptions & { lanes: number }, fn: (bench: Bench) => Promise<void>): void {
  test(name, () =>
    bubble(async (t) => {
      const driver = new FakeLaneDriver();
      const { lanes, ...others } = options;
      const pool = await openTrusting(background, driver, { ...others, pipeline: { lanes } });
      while (driver.lanes.length < lanes) {
        const asked = Promise.all(Array.from({ length: lanes + 1 }, () => pool.exec(background, "select 0")));
        await t.sleep(0);
        for (const lane of driver.lanes) lane.answer();
        await asked;
      }
      for (const lane of driver.lanes) lane.writes.length = 0;
      await fn({ pool, driver, lanes: driver.lanes, sleep: (ms) => t.sleep(ms) });
      for (const lane of driver.lanes) if (lane.broken === undefined) lane.answer();
      await pool[Symbol.asyncDispose]();
      assert.ok(driver.lanes.every((lane) => lane.closed));
    }),
  );
}

const ask = (pool: Pool, n: number, ctx: Ctx = background): Promise<number> => pool.exec(ctx, `select ${n}`);

test("bad options are refused, and a driver that cannot pipeline does not", async () => {
  for (const lanes of [0, 1.5, 10]) {
    await assert.rejects(openPool(background, new FakeLaneDriver(), { pipeline: { lanes } }), {
      reason: "sql/bad_option",
    });
  }
  await using pool = await openPool(background, new FakeDriver(), { pipeline: { lanes: 4 } });
  await ask(pool, 1);
  assert.equal(pool.stats().lanes, undefined);
  assert.equal(pool.stats().maxConns, 10);
});

laneTest("statements of one tick go in one write to each lane, the least loaded first", { lanes: 2 }, async (bench) => {
  const { pool, lanes, sleep } = bench;
  const first = [1, 2, 3].map((n) => ask(pool, n));
  await sleep(0);
  assert.deepEqual(
    lanes.map((lane) => lane.writes),
    [[["select 1", "select 3"]], [["select 2"]]],
  );
  lanes[0]!.answer();
  const second = [4, 5].map((n) => ask(pool, n));
  await sleep(0);
  assert.deepEqual(
    lanes.map((lane) => lane.writes.slice(1)),
    [[["select 4", "select 5"]], []],
  );
  for (const lane of lanes) lane.answer();
  await Promise.all([...first, ...second]);
});

laneTest(
  "32 on a lane, and no more; the next goes to a connection of its own or waits for either",
  { lanes: 1, maxConns: 2 },
  async (bench) => {
    const { pool, driver, lanes, sleep } = bench;
    const conn = driver.conns[0]!;
    const held = Promise.withResolvers<void>();
    conn.run = () => held.promise;
    const all = Array.from({ length: 40 }, (_, n) => ask(pool, n));
    await sleep(0);
    assert.equal(lanes[0]!.depth, 32);
    const { acquired, waiting } = pool.stats();
    assert.deepEqual({ acquired, waiting }, { acquired: 1, waiting: 7 });
    // As soon as there is room on the lane, they go there.
    lanes[0]!.answer(5);
    await sleep(0);
    assert.deepEqual([lanes[0]!.depth, pool.stats().waiting], [32, 2]);
    held.resolve();
    await sleep(0);
    assert.equal(pool.stats().waiting, 0);
    lanes[0]!.answer();
    await Promise.all(all);
  },
);

laneTest("a lane that is stalled for 5 ms is passed over", { lanes: 2, maxConns: 3 }, async (bench) => {
  const { pool, lanes, sleep } = bench;
  const slow = ask(pool, 1);
  await sleep(4);
  const behind = [2, 3, 4].map((n) => ask(pool, n));
  await sleep(0);
  lanes[1]!.answer();
  assert.deepEqual(lanes[0]!.writes, [["select 1"], ["select 3"]]);
  await sleep(2);
  const passing = [5, 6, 7].map((n) => ask(pool, n));
  await sleep(0);
  assert.equal(lanes[0]!.depth, 2);
  lanes[1]!.answer();
  await Promise.all(passing);
  // Where it was answered there is room again.
  lanes[0]!.answer(1);
  const again = [8, 9].map((n) => ask(pool, n));
  await sleep(0);
  for (const lane of lanes) lane.answer();
  await Promise.all([slow, ...behind, ...again]);
});

laneTest("what is not written when a lane is shut or lost goes elsewhere", { lanes: 1, maxConns: 2 }, async (bench) => {
  const { pool, driver, lanes, sleep } = bench;
  using leaving = withCancel(background);
  const ran: string[] = [];
  driver.conns[0]!.run = async (text) => void ran.push(text);
  const gone = ask(pool, 1, leaving);
  await sleep(0);
  const next = ask(pool, 2);
  leaving.cancel();
  await assert.rejects(gone, { code: "canceled" });
  await next;
  assert.deepEqual(ran, ["select 2"]);
  assert.deepEqual([lanes[0]!.writes, lanes[0]!.cancels], [[["select 1"]], 1]);
  lanes[0]!.answer(1, "57014");
  await sleep(0);
  assert.equal(pool.stats().lanes!.shut, 0);

  const written = ask(pool, 3);
  await sleep(0);
  const pending = ask(pool, 4);
  lanes[0]!.destroy();
  await assert.rejects(written, { reason: "sql/connection_lost", retryable: false });
  await pending;
  assert.deepEqual(ran, ["select 2", "select 4"]);
  assert.equal(pool.stats().lanes!.closedBroken, 1);
  await lanes[0]!.close();
});

laneTest(
  "57014 is passed on, unless a cancel of the lane's own may be the reason",
  { lanes: 1, maxConns: 2 },
  async (bench) => {
    const { pool, driver, lanes, sleep } = bench;
    const ran: string[] = [];
    driver.conns[0]!.run = async (text) => void ran.push(text);
    const timedOut = ask(pool, 1);
    await sleep(0);
    lanes[0]!.answer(1, "57014");
    await assert.rejects(timedOut, { reason: "sql/query_canceled" });

    using leaving = withCancel(background);
    const gone = ask(pool, 2, leaving);
    const behind = ask(pool, 3);
    await sleep(0);
    leaving.cancel();
    await assert.rejects(gone, { code: "canceled" });
    await sleep(0);
    // The target was done before the request came, which then struck the next one.
    lanes[0]!.answer(1);
    lanes[0]!.answer(1, "57014");
    await behind;
    assert.deepEqual(ran, ["select 3"]);
    assert.equal(pool.stats().lanes!.reruns, 1);
  },
);

laneTest(
  "the request goes out when its statement is at the head, one at a time",
  { lanes: 1, maxConns: 2 },
  async (bench) => {
    const { pool, lanes, sleep } = bench;
    const lane = lanes[0]!;
    const over: (() => void)[] = [];
    lane.canceling = () => new Promise((resolve) => void over.push(resolve));
    using leaving = withCancel(background);
    const first = ask(pool, 1);
    const gone = Promise.allSettled([ask(pool, 2, leaving), ask(pool, 3, leaving)]);
    const last = ask(pool, 4);
    await sleep(0);
    leaving.cancel();
    await gone;
    await sleep(0);
    assert.equal(lane.cancels, 0);
    lane.answer(1);
    await first;
    await sleep(0);
    assert.equal(lane.cancels, 1);
    lane.answer(1, "57014");
    await sleep(0);
    assert.equal(lane.cancels, 1, "the first one is not over");
    over[0]!();
    await sleep(0);
    assert.equal(lane.cancels, 2);
    lane.answer(2);
    await last;
    assert.equal(pool.stats().lanes!.shut, 1, "empty, but a request is on its way");
    over[1]!();
    await sleep(0);
    assert.equal(pool.stats().lanes!.shut, 0);
  },
);

laneTest(
  "a statement that does not end is canceled again, and cut when nobody waits behind it",
  { lanes: 1, maxConns: 2 },
  async (bench) => {
    const { pool, lanes, sleep } = bench;
    const lane = lanes[0]!;
    using leaving = withCancel(background);
    using later = withCancel(background);
    const gone = Promise.allSettled([ask(pool, 0, leaving), ask(pool, 1, leaving)]);
    const behind = ask(pool, 2, later);
    await sleep(0);
    leaving.cancel();
    await gone;
    await sleep(0);
    assert.equal(lane.cancels, 1);
    lane.answer(1, "57014");
    await sleep(200);
    assert.equal(lane.cancels, 4);
    await sleep(20_000);
    assert.equal(lane.broken, undefined, "somebody waits");
    later.cancel();
    await assert.rejects(behind, { code: "canceled" });
    assert.notEqual(lane.broken, undefined);
    assert.equal(pool.stats().lanes!.closedBroken, 1);
  },
);

laneTest(
  "a request whose end is not known costs the lane, when it is empty",
  { lanes: 1, maxConns: 2 },
  async (bench) => {
    const { pool, lanes, sleep } = bench;
    const lane = lanes[0]!;
    lane.canceling = () => Promise.reject(new Error("no route"));
    using leaving = withCancel(background);
    const gone = ask(pool, 1, leaving);
    const behind = ask(pool, 2);
    await sleep(0);
    leaving.cancel();
    await assert.rejects(gone, { code: "canceled" });
    lane.answer(2);
    await behind;
    await sleep(100);
    assert.deepEqual([lane.closed, lane.broken], [true, undefined]);
    assert.equal(pool.stats().lanes!.open, 0);
  },
);

laneTest("at most four requests of a pool are under way", { lanes: 8 }, async (bench) => {
  const { pool, lanes, sleep } = bench;
  let under = 0;
  let most = 0;
  for (const lane of lanes) {
    lane.canceling = async () => {
      most = Math.max(most, ++under);
      await sleep(10);
      under--;
      lane.answer(1, "57014");
    };
  }
  using leaving = withCancel(background);
  const gone = Promise.allSettled(lanes.map((_, n) => ask(pool, n, leaving)));
  await sleep(0);
  leaving.cancel();
  await gone;
  await sleep(100);
  assert.equal(most, 4);
  assert.deepEqual([pool.stats().lanes!.shut, pool.stats().lanes!.cancels], [0, 8]);
});

laneTest(
  "old and idle lanes are closed, and opened again when needed",
  { lanes: 2, maxConnIdleTimeMs: 1000 },
  async (bench) => {
    const { pool, driver, lanes, sleep } = bench;
    await sleep(2000);
    assert.deepEqual([pool.stats().lanes!.open, pool.stats().lanes!.closedByIdle], [0, 2]);
    await ask(pool, 1);
    await sleep(0);
    assert.equal(driver.lanes.length, 3);
    const asked = ask(pool, 2);
    await sleep(0);
    lanes[2]!.answer();
    await asked;
  },
);

laneTest(
  "a lane that is too old takes nothing new and closes when it is empty",
  { lanes: 1, maxConnLifetimeMs: 100 },
  async (bench) => {
    const { pool, lanes, sleep } = bench;
    await sleep(80);
    const last = ask(pool, 1);
    await sleep(60);
    await ask(pool, 2);
    assert.deepEqual([lanes[0]!.depth, lanes[0]!.closed], [1, false]);
    lanes[0]!.answer();
    await last;
    await sleep(30);
    assert.equal(lanes[0]!.closed, true);
  },
);

test("lanes that cannot be opened: statements run on connections of their own, and it is tried again later", () =>
  bubble(async (t) => {
    const driver = new FakeLaneDriver();
    let tries = 0;
    driver.openingLane = async () => {
      tries++;
      throw new Error("too many connections");
    };
    await using pool = await openTrusting(background, driver, { pipeline: { lanes: 2 } });
    for (let i = 0; i < 10; i++) await ask(pool, i);
    assert.equal(tries, 1);
    await t.sleep(1000);
    await ask(pool, 1);
    assert.equal(tries, 2);
  }));

laneTest("what waits says what the lanes are doing", { lanes: 1, maxConns: 2, acquireTimeoutMs: 50 }, async (bench) => {
  const { pool, driver, sleep } = bench;
  const held = Promise.withResolvers<void>();
  driver.conns[0]!.run = () => held.promise;
  const slow = ask(pool, 1);
  await sleep(6);
  const alone = ask(pool, 2);
  await assert.rejects(ask(pool, 3), (err: Failure) => {
    assert.equal(err.reason, "sql/pool_timeout");
    assert.match(
      err.message,
      /1 of 1 connections in use, .*select 2 for 50ms; 1 on a lane behind "select 1" for 56 ms/,
    );
    return true;
  });
  held.resolve();
  await alone;
  bench.lanes[0]!.answer();
  await slow;
});
