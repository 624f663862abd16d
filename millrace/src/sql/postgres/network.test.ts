import assert from "node:assert/strict";
import { type Ctx, withTimeout } from "../../context/index.ts";
import { type Failure, codeOf } from "../../errors/index.ts";
import { type Pool, type PoolOptions, type Querier, openPool } from "../index.ts";
import { collect } from "../testing/collect.ts";
import { databaseTest, eventually } from "../testing/database.ts";
import { type Proxy, type Way, proxyTo, via } from "../testing/proxy.ts";
import { postgres } from "./index.ts";

const open = (ctx: Ctx, proxy: Proxy, url: string, options: PoolOptions): Promise<Pool> =>
  openPool(ctx, postgres(via(proxy, url)), options);

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

for (const way of ["to server", "to client"] as const satisfies Way[]) {
  databaseTest(
    `a network that pauses on the way ${way}: callers leave in time, and nothing is done twice`,
    async (ctx, db) => {
      await using proxy = await proxyTo(db.url);
      await using pool = await open(ctx, proxy, db.url, { maxConns: 2, minConns: 2 });
      const observer = await db.open({ maxConns: 1 });
      await observer.exec(ctx, "create table t (n int)");
      for (const [n, { name, run, effects }] of works.entries()) {
        // Its statements are prepared, so that they reach the server in one piece.
        await run(ctx, pool, 100 + n);
        proxy.stall(way);
        using short = withTimeout(ctx, 100);
        await assert.rejects(run(short, pool, n), { code: "deadline_exceeded" }, name);
        proxy.stall(undefined);
        // The next ones get their own answers, whatever comes late; and the pool is whole again by itself.
        for (let i = 0; i < 10; i++) assert.deepEqual(await pool.one(ctx, "select $1::int as i", [i]), { i }, name);
        await eventually(ctx, "nothing is held", () => pool.stats().acquired + pool.stats().closing === 0);
        const found = await times(ctx, observer, n);
        assert.ok(found === 0 || (found === effects && name !== "a transaction"), `${name}: ${found}`);
        assert.equal(await times(ctx, observer, 100 + n), effects, name);
      }
      const { n } = await observer.one<{ n: number }>(
        ctx,
        `select count(*)::int as n from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
      );
      assert.equal(n, pool.stats().idle, "no connection is left over");
    },
  );
}

databaseTest("a pause that ends before the deadline is only a wait", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  await using pool = await open(ctx, proxy, db.url, { maxConns: 2 });
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
    await using pool = await open(ctx, proxy, db.url, { maxConns: 1 });
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
