import assert from "node:assert/strict";
import { type Ctx, withTimeout } from "../../context/index.ts";
import { type Failure, codeOf } from "../../errors/index.ts";
import { type Pool, type PoolOptions, type Querier, openPool } from "../index.ts";
import { collect } from "../testing/collect.ts";
import { databaseTest, eventually } from "../testing/database.ts";
import { openTrusting, warm } from "../testing/lanes.ts";
import { type Way, proxyTo, via } from "../testing/proxy.ts";
import { postgres } from "./index.ts";

const times = async (ctx: Ctx, db: Querier, n: number): Promise<number> =>
  (await db.one<{ times: number }>(ctx, "select count(*)::int as times from t where n = $1", [n])).times;

interface Work {
  readonly name: string;
  /** run writes n into t, as a whole or not at all. */
  readonly run: (ctx: Ctx, pool: Pool, n: number) => Promise<unknown>;
  /** effects is how often n is there when it was done. */
  readonly effects: number;
}

const works: readonly Work[] = [
  { name: "a statement", run: (ctx, pool, n) => pool.exec(ctx, "insert into t values ($1)", [n]), effects: 1 },
  {
    name: "rows through a portal",
    run: (ctx, pool, n) =>
      collect(pool.rows(ctx, "insert into t select $1::int from generate_series(1, 9) returning n", [n], { fetch: 2 })),
    effects: 9,
  },
  { name: "copyFrom", run: (ctx, pool, n) => pool.copyFrom(ctx, "t", ["n"], [[n], [n]]), effects: 2 },
  {
    name: "a batch",
    run: (ctx, pool, n) => {
      const insert = { text: "insert into t values ($1)", args: [n] };
      return pool.batch(ctx, [insert, insert, insert]);
    },
    effects: 3,
  },
  {
    name: "a transaction",
    run: (ctx, pool, n) =>
      pool.tx(ctx, async (ctx, tx) => {
        await tx.exec(ctx, "insert into t values ($1)", [n]);
        await tx.exec(ctx, "insert into t values ($1)", [n]);
      }),
    effects: 2,
  },
];

const pools: readonly { readonly name: string; readonly options: PoolOptions }[] = [
  { name: "connections", options: { maxConns: 2, minConns: 2 } },
  { name: "lanes", options: { maxConns: 3, minConns: 2, pipeline: { lanes: 1 } } },
];

for (const { name: kind, options } of pools) {
  for (const way of ["to server", "to client"] as const satisfies Way[]) {
    databaseTest(
      `${kind}: a pause of the network ${way}: callers leave in time, nothing is done twice`,
      async (ctx, db) => {
        await using proxy = await proxyTo(db.url);
        await using pool = await openTrusting(ctx, postgres(via(proxy, db.url)), options);
        const observer = await db.open({ maxConns: 1 });
        await observer.exec(ctx, "create table t (n int)");
        if (options.pipeline !== undefined) await warm(ctx, pool, options.pipeline.lanes);
        for (const [n, { name, run, effects }] of works.entries()) {
          // Its statements are prepared, so that they reach the server in one piece.
          await run(ctx, pool, 100 + n);
          proxy.stall(way);
          using short = withTimeout(ctx, 100);
          const left = assert.rejects(run(short, pool, n), { code: "deadline_exceeded" }, name);
          // They stay, on the same lane or in the queue.
          const others = Array.from({ length: 5 }, (_, i) =>
            pool.exec(ctx, "insert into t values ($1) /* other */", [1000 + 10 * n + i]),
          );
          await left;
          proxy.stall(undefined);
          assert.deepEqual(await Promise.all(others), [1, 1, 1, 1, 1], name);
          // The next ones get their own answers, whatever comes late; and the pool is whole again by itself.
          for (let i = 0; i < 10; i++) assert.deepEqual(await pool.one(ctx, "select $1::int as i", [i]), { i }, name);
          await eventually(ctx, "nothing is held", () => {
            const { acquired, closing, lanes } = pool.stats();
            return acquired + closing + (lanes === undefined ? 0 : lanes.inFlight + lanes.shut + lanes.closing) === 0;
          });
          for (let i = 0; i < 5; i++) assert.equal(await times(ctx, observer, 1000 + 10 * n + i), 1, `${name}: ${i}`);
          const found = await times(ctx, observer, n);
          assert.ok(found === 0 || (found === effects && name !== "a transaction"), `${name}: ${found}`);
          assert.equal(await times(ctx, observer, 100 + n), effects, name);
        }
        const { n } = await observer.one<{ n: number }>(
          ctx,
          `select count(*)::int as n from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
        );
        const { idle, lanes } = pool.stats();
        assert.equal(n, idle + (lanes?.open ?? 0), "no connection is left over");
      },
    );
  }
}

databaseTest(
  "a connection that is reset on the way: told as such, and what is said to be retryable was not done",
  async (ctx, db) => {
    await using proxy = await proxyTo(db.url);
    await using pool = await openPool(ctx, postgres(via(proxy, db.url)), { maxConns: 1 });
    await pool.exec(ctx, "create table t (n int)");
    let n = 0;
    for (const { name, run, effects } of works.filter((one) => one.name !== "a transaction")) {
      // The second time its statements are prepared.
      for (const when of ["before", "after", "before", "after"] as const) {
        // The value goes over the wire as text, also in a COPY.
        const id = 77_000 + ++n;
        proxy.cutWhen(String(id), when, "reset");
        const err = await run(ctx, pool, id).then(
          () => undefined,
          (err: Failure) => err,
        );
        const what = `${name}, ${when}`;
        assert.deepEqual([codeOf(err), err?.reason], ["unavailable", "sql/connection_lost"], what);
        const found = await times(ctx, pool, id);
        assert.ok(
          found === 0 || (when === "after" && found === effects && err?.retryable === false),
          `${what}: ${found}`,
        );
        if (n % 4 === 2) await run(ctx, pool, 1);
      }
    }
    assert.equal(pool.stats().closedBroken, n);
  },
);

databaseTest("a pause that ends before the deadline is only a wait", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  await using pool = await openPool(ctx, postgres(via(proxy, db.url)), { maxConns: 2 });
  await pool.exec(ctx, "create table t (n int)");
  for (const way of ["to server", "to client"] as const) {
    for (const [n, { run, effects }] of works.entries()) {
      proxy.stall(way);
      const done = run(ctx, pool, n);
      await new Promise((resolve) => void setImmediate(resolve));
      proxy.stall(undefined);
      await done;
      assert.equal(await times(ctx, pool, n), effects);
    }
    await pool.exec(ctx, "truncate t");
  }
  assert.equal(pool.stats().closedBroken, 0);
});

databaseTest(
  "a connection that is reset in a transaction, at any statement: retryable before COMMIT, never done twice",
  async (ctx, db) => {
    await using proxy = await proxyTo(db.url);
    await using pool = await openPool(ctx, postgres(via(proxy, db.url)), { maxConns: 1 });
    await pool.exec(ctx, "create table t (n int)");
    const cuts = ["begin", "/* first */", "savepoint", "/* inner */", "release", "/* last */", "copy", "commit"];
    let n = 0;
    for (const when of ["before", "after"] as const) {
      for (const text of cuts) {
        const id = ++n;
        let runs = 0;
        proxy.cutWhen(text, when, "reset");
        const err = await pool
          .tx(ctx, async (ctx, tx) => {
            runs++;
            await tx.exec(ctx, "insert into t values ($1) /* first */", [id]);
            await tx.tx(ctx, (ctx, inner) => inner.exec(ctx, "insert into t values ($1) /* inner */", [id]));
            await tx.copyFrom(ctx, "t", ["n"], [[id]]);
            await tx.exec(ctx, "insert into t values ($1) /* last */", [id]);
          })
          .then(
            () => undefined,
            (err: Failure) => err,
          );
        const known = text !== "commit";
        assert.deepEqual(
          { code: codeOf(err), reason: err?.reason, retryable: err?.retryable, runs },
          known
            ? { code: "unavailable", reason: "sql/connection_lost", retryable: true, runs: 1 }
            : { code: "unknown", reason: "sql/commit_unknown", retryable: false, runs: 1 },
          `${when} ${text}`,
        );
        assert.equal(await times(ctx, pool, id), text === "commit" && when === "after" ? 4 : 0, `${when} ${text}`);
      }
    }
    assert.equal(pool.stats().closedBroken, n, "each cost its connection, and no other");
  },
);
