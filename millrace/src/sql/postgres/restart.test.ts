import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, sleep, withTimeout } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import type { Postgres } from "../../test/postgres/start.ts";
import { type Notification, type Pool, type PoolOptions, openPool } from "../index.ts";
import { collect } from "../testing/collect.ts";
import { eventually } from "../testing/database.ts";
import { KINDS, startKind } from "../testing/kinds.ts";
import { postgres } from "./index.ts";

const CALLERS = 12;
const DEADLINE_MS = 1000;
// What a machine under load may add to a deadline.
const SLACK_MS = 5000;

// What a caller may be told while the server goes and comes, and whether it may be done again without asking.
const TOLD = new Set([
  "unavailable sql/connection_lost",
  "unavailable sql/connect_failed",
  "unavailable sql/starting_up",
  "unknown sql/commit_unknown",
  "resource_exhausted sql/pool_timeout",
  "deadline_exceeded context/deadline_exceeded",
]);

/** Work writes n into t, as a whole or not at all, and gives how often. */
type Work = (ctx: Ctx, pool: Pool, n: number) => Promise<number>;

const works: readonly Work[] = [
  (ctx, pool, n) => pool.exec(ctx, "insert into t values ($1)", [n]),
  (ctx, pool, n) =>
    pool.tx(ctx, async (ctx, tx) => {
      const first = await tx.exec(ctx, "insert into t values ($1)", [n]);
      return first + (await tx.exec(ctx, "insert into t values ($1)", [n]));
    }),
  (ctx, pool, n) => pool.copyFrom(ctx, "t", ["n"], [[n], [n], [n]]),
  async (ctx, pool, n) => {
    const text = "insert into t select $1::int from generate_series(1, 4) returning n";
    return (await collect(pool.rows(ctx, text, [n], { fetch: 1 }))).length;
  },
  async (ctx, pool, n) => {
    const insert = { text: "insert into t values ($1)", args: [n] };
    const results = await pool.batch(ctx, [insert, insert]);
    return results[0].affected + results[1].affected;
  },
];

const ends: readonly { readonly name: string; readonly end: (server: Postgres) => Promise<void> }[] = [
  { name: "killed", end: (server) => server.kill9() },
  { name: "shut down", end: (server) => server.shutDown() },
];
const pools: readonly { readonly name: string; readonly options: PoolOptions }[] = [
  { name: "connections", options: { maxConns: 4, minConns: 2 } },
  { name: "lanes", options: { maxConns: 4, minConns: 2, pipeline: { lanes: 2 } } },
];

for (const { kind, missing } of KINDS) {
  test(`a server that goes and comes back under load, from ${kind}`, { timeout: 120_000 }, async (t) => {
    // Committed is committed, also when the server is killed.
    await using server = await startKind(kind, { fsync: true });
    if (server === undefined) {
      t.skip(missing);
      return;
    }
    for (const pool of pools) {
      for (const { name, end } of ends) {
        await t.test(`${pool.name}: ${name}`, () => survives(server, () => end(server), pool.options));
      }
    }
  });
}

async function survives(server: Postgres, end: () => Promise<void>, options: PoolOptions): Promise<void> {
  using ctx = withTimeout(background, 40_000);
  await using pool = await openPool(ctx, postgres(server.url), options);
  await pool.exec(ctx, "create table t (n int)");
  const heard = pool.listen(ctx, "news")[Symbol.asyncIterator]();
  assert.equal(((await heard.next()).value as Notification).gap, true);
  const gap = heard.next();

  let ids = 0;
  let over = false;
  const done = new Map<number, number>();
  const refused = new Set<number>();
  const told = new Map<string, number>();
  const one = async (): Promise<void> => {
    const n = ++ids;
    using within = withTimeout(ctx, DEADLINE_MS);
    const since = performance.now();
    try {
      done.set(n, await works[n % works.length]!(within, pool, n));
    } catch (err) {
      assert.ok(err instanceof Failure, String(err));
      const what = `${err.code} ${err.reason}`;
      assert.ok(TOLD.has(what), `${what}: ${err.message}`);
      told.set(what, (told.get(what) ?? 0) + 1);
      if (err.retryable) refused.add(n);
      // As whoever asks again would.
      await sleep(ctx, 5);
    }
    assert.ok(performance.now() - since < DEADLINE_MS + SLACK_MS, "in time");
  };
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!over) await one();
  });
  const all = Promise.all(callers);
  all.catch(() => undefined);
  const fails = (): number => [...told.values()].reduce((sum, n) => sum + n, 0);
  await eventually(ctx, "it is under load", () => done.size > 200);
  await end();
  await eventually(ctx, "all is refused", () => fails() > CALLERS * 2);
  await assert.rejects(pool.ping(ctx), { code: "unavailable" });
  await server.restart();
  const before = done.size;
  await eventually(ctx, "it goes on", () => done.size > before + 200);
  over = true;
  await all;

  await eventually(ctx, "nothing is held", () => pool.stats().acquired + pool.stats().closing === 0);
  const rows = await pool.many<{ n: number; times: number }>(ctx, "select n, count(*)::int as times from t group by n");
  const found = new Map(rows.map(({ n, times }) => [n, times]));
  assert.deepEqual(
    [...done].filter(([n, times]) => found.get(n) !== times),
    [],
    "reported as done, and not there as often",
  );
  assert.deepEqual(
    [...refused].filter((n) => found.has(n)),
    [],
    "said to be retryable, and done",
  );
  // Nobody knew of the others, but they happened as a whole, and once.
  const whole = [1, 2, 3, 4, 2];
  assert.deepEqual(
    rows.filter(({ n, times }) => times !== whole[n % works.length]),
    [],
  );
  assert.equal(((await gap).value as Notification).gap, true, "who listens is told");
  await heard.return?.();
  await pool.ping(ctx);
  assert.equal(pool.stats().waiting, 0);
  await pool.exec(ctx, "drop table t");
}
