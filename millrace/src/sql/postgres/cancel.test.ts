import assert from "node:assert/strict";
import { type Ctx, withCancel, withTimeout } from "../../context/index.ts";
import { Failure, as, codeOf, is } from "../../errors/index.ts";
import { databaseTest, eventually } from "../testing/database.ts";
import type { Pool, Querier } from "../index.ts";

async function backends(ctx: Ctx, db: Querier, where: string): Promise<number> {
  const { n } = await db.one<{ n: number }>(
    ctx,
    `select count(*)::int n from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and ${where}`,
  );
  return n;
}

const sleeping = (ctx: Ctx, db: Pool): Promise<number> =>
  backends(ctx, db, "state = 'active' and query like '%pg_sleep(30)%'");

databaseTest("a canceled statement is gone from the server within 200 ms", async (ctx, db) => {
  const pool = await db.open({ maxConns: 2 });
  const observer = await db.open({ maxConns: 1 });
  // The best of several, because a machine that is busy adds to each.
  const took: number[] = [];
  do {
    using slow = withCancel(ctx);
    const query = pool.many(slow, "select pg_sleep(30)");
    let left = false;
    query.catch(() => {
      left = true;
    });
    await eventually(ctx, "the statement runs", async () => (await sleeping(ctx, observer)) === 1);
    const canceledAt = performance.now();
    slow.cancel("gone");
    await new Promise((resolve) => void setImmediate(resolve));
    assert.ok(left, "the caller leaves at once");
    await assert.rejects(query, (err) => {
      assert.equal(codeOf(err), "canceled");
      assert.ok(is(err, slow.err!), "ctx.err is in the chain");
      assert.match(as(err, Failure)!.message, /^sql: select pg_sleep\(30\): context canceled$/);
      return true;
    });
    await eventually(ctx, "the statement is gone", async () => (await sleeping(ctx, observer)) === 0);
    took.push(performance.now() - canceledAt);
    await eventually(ctx, "the connection is back", () => pool.stats().idle === 1 && pool.stats().acquired === 0);
    assert.deepEqual(await pool.many(ctx, "select 1 as one"), [{ one: 1 }]);
    assert.equal(pool.stats().closedBroken, 0, "on the same connection");
  } while (Math.min(...took) >= 200 && took.length < 10);
  assert.ok(Math.min(...took) < 200, `took ${took.join(", ")} ms`);
});

databaseTest("a deadline cancels as well, and a context that is over sends nothing", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  using short = withTimeout(ctx, 30);
  await assert.rejects(pool.many(short, "select pg_sleep(30)"), { code: "deadline_exceeded" });
  await assert.rejects(pool.many(short, "select 1"), { code: "deadline_exceeded" });
  assert.equal(pool.stats().waiting, 0);
});

databaseTest("a cancel that overtakes its statement is sent again", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  for (let i = 0; i < 20; i++) {
    using at = withCancel(ctx);
    const query = pool.many(at, "select pg_sleep(30)");
    // Before the socket has been written.
    at.cancel();
    await assert.rejects(query, { code: "canceled" });
    assert.equal(await pool.exec(ctx, "select 1"), 1);
  }
});

databaseTest("1,200 random aborts cancel no other statement and leak no connection", async (ctx, db) => {
  const pool = await db.open({ maxConns: 4 });
  const observer = await db.open({ maxConns: 1 });
  let aborted = 0;
  const worker = async (): Promise<void> => {
    for (let i = 0; i < 150; i++) {
      using at = withCancel(ctx);
      const timer = setTimeout(() => at.cancel(), Math.random() * 3);
      try {
        await pool.many(at, "select pg_sleep(0.001)");
      } catch (err) {
        assert.equal(codeOf(err), "canceled");
        assert.ok(at.err !== undefined);
        aborted++;
      } finally {
        clearTimeout(timer);
      }
      assert.equal((await pool.one<{ i: number }>(ctx, "select $1::int as i", [i])).i, i);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  assert.ok(aborted > 100, `only ${aborted} aborts`);
  await eventually(ctx, "all is idle", () => pool.stats().acquired === 0 && pool.stats().closing === 0);
  const { idle, acquired } = pool.stats();
  assert.equal(idle + acquired, await backends(ctx, observer, "true"));
  assert.equal(await backends(ctx, observer, "state = 'active'"), 0);
});

databaseTest("a statement canceled in a transaction rolls it back, even if it succeeded", async (ctx, db) => {
  const pool = await db.open({ maxConns: 2 });
  await pool.exec(ctx, "create table t (n int)");
  for (let i = 0; i < 60; i++) {
    using at = withCancel(ctx);
    const timer = setTimeout(() => at.cancel(), Math.random() * 4);
    const done = await pool
      .tx(at, async (at, tx) => {
        await tx.exec(at, "insert into t select $1::int from pg_sleep(0.001)", [i]);
        // Swallowed: the transaction must not be committed all the same.
        await tx.exec(at, "insert into t values ($1)", [i]).catch(() => undefined);
      })
      .then(
        () => true,
        () => false,
      );
    clearTimeout(timer);
    const { n } = await pool.one<{ n: number }>(ctx, "select count(*)::int n from t where n = $1", [i]);
    assert.equal(n, done ? 2 : 0);
  }
});

databaseTest("a savepoint is undone alone when a statement inside is left", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  await pool.exec(ctx, "create table t (n int)");
  await pool.tx(ctx, async (ctx, tx) => {
    await tx.exec(ctx, "insert into t values (1)");
    using short = withCancel(ctx);
    await assert.rejects(
      tx.tx(short, async (within, inner) => {
        await inner.exec(within, "insert into t values (2)");
        setTimeout(() => short.cancel(), 10);
        await inner.exec(within, "select pg_sleep(30)");
      }),
      { code: "canceled" },
    );
    await tx.exec(ctx, "insert into t values (3)");
  });
  assert.deepEqual(await pool.many(ctx, "select n from t order by n"), [{ n: 1 }, { n: 3 }]);
});

databaseTest("a transaction that is over by its context is rolled back", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  await pool.exec(ctx, "create table t (n int)");
  using at = withCancel(ctx);
  await assert.rejects(
    pool.tx(at, async (inner, tx) => {
      await tx.exec(inner, "insert into t values (1)");
      at.cancel();
    }),
    { code: "canceled" },
  );
  assert.deepEqual(await pool.many(ctx, "select n from t"), []);
});

databaseTest("COMMIT is not canceled", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  const observer = await db.open({ maxConns: 2 });
  // A deferred trigger makes COMMIT wait.
  await pool.withConn(ctx, (ctx, session) =>
    session.script(
      ctx,
      `create table t (n int);
       create function slow() returns trigger language plpgsql as $$
         begin perform pg_advisory_xact_lock(7); return null; end $$;
       create constraint trigger slow after insert on t deferrable initially deferred for each row execute function slow()`,
    ),
  );
  await using lock = await observer.begin(ctx);
  await lock.exec(ctx, "select pg_advisory_xact_lock(7)");
  using at = withCancel(ctx);
  const done = pool.tx(at, async (at, tx) => void (await tx.exec(at, "insert into t values (1)")));
  await eventually(ctx, "COMMIT runs", async () => {
    return (await backends(ctx, observer, "state = 'active' and query = 'commit'")) === 1;
  });
  at.cancel();
  // Long enough for a cancel to strike.
  await observer.exec(ctx, "select pg_sleep(0.1)");
  await lock.rollback(ctx);
  await done;
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 1 }]);
});
