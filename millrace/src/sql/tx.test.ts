import assert from "node:assert/strict";
import { test } from "node:test";
import { background, withCancel } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { SqlFailure, type Tx, type TxFn, type TxOptions, openPool } from "./index.ts";
import { databaseTest } from "./testing/database.ts";
import { FakeDriver } from "./testing/fake.ts";

databaseTest("commits what returns, rolls back what throws", async (ctx, db) => {
  const pool = await db.open();
  await pool.exec(ctx, "create table t (n int)");
  const value = await pool.tx(ctx, async (ctx, tx) => {
    await tx.exec(ctx, "insert into t values (1)");
    return "done";
  });
  assert.equal(value, "done");
  const boom = new Error("boom");
  await assert.rejects(
    pool.tx(ctx, async (ctx, tx) => {
      await tx.exec(ctx, "insert into t values (2)");
      throw boom;
    }),
    (err) => err === boom,
  );
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 1 }]);
});

databaseTest("isolation and readOnly reach the server", async (ctx, db) => {
  const pool = await db.open();
  const options = { isolation: "repeatable read", readOnly: true } as const;
  const got = await pool.tx(
    ctx,
    (ctx, tx) =>
      tx.one(ctx, "select current_setting('transaction_isolation') i, current_setting('transaction_read_only') r"),
    options,
  );
  assert.deepEqual(got, { i: "repeatable read", r: "on" });
  await pool.exec(ctx, "create table t (n int)");
  await assert.rejects(
    pool.tx(ctx, (ctx, tx) => tx.exec(ctx, "insert into t values (1)"), options),
    { code: "failed_precondition", reason: "sql/read_only" },
  );
});

databaseTest("a statement error that the function swallows fails the commit", async (ctx, db) => {
  const pool = await db.open();
  await pool.exec(ctx, "create table t (n int)");
  await assert.rejects(
    pool.tx(ctx, async (ctx, tx) => {
      await tx.exec(ctx, "insert into t values (1)");
      await tx.exec(ctx, "select 1/0").catch(() => undefined);
    }),
    (err: Failure) => {
      assert.equal(err.reason, "sql/tx_aborted");
      assert.ok(err.cause instanceof SqlFailure && err.cause.sqlState === "22012");
      return true;
    },
  );
});

databaseTest("savepoints: the inner part fails alone", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  await pool.exec(ctx, "create table t (n int primary key)");
  await pool.tx(ctx, async (ctx, tx) => {
    await tx.exec(ctx, "insert into t values (1)");
    await assert.rejects(
      tx.tx(ctx, async (ctx, inner) => {
        await inner.exec(ctx, "insert into t values (2)");
        await assert.rejects(tx.exec(ctx, "select 1"), { reason: "sql/busy" });
        await inner.exec(ctx, "insert into t values (1)");
      }),
      { reason: "sql/unique_violation" },
    );
    await tx.tx(ctx, (ctx, inner) => inner.tx(ctx, (ctx, deeper) => deeper.exec(ctx, "insert into t values (3)")));
  });
  assert.deepEqual(await pool.many(ctx, "select n from t order by n"), [{ n: 1 }, { n: 3 }]);
});

databaseTest("one statement at a time, and none after the end", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  await pool.exec(ctx, "create table t (n int)");
  await assert.rejects(
    pool.tx(ctx, (ctx, tx) => Promise.all([tx.many(ctx, "select 1"), tx.many(ctx, "select 2")])),
    { code: "failed_precondition", reason: "sql/busy" },
  );
  let kept: Tx | undefined;
  await assert.rejects(
    pool.tx(ctx, async (ctx, tx) => {
      kept = tx;
      tx.exec(ctx, "insert into t select 1 from pg_sleep(0.05)").catch(() => undefined);
    }),
    { reason: "sql/busy" },
  );
  assert.deepEqual(await pool.many(ctx, "select n from t"), []);
  await assert.rejects(kept!.query(ctx, "select 1"), { reason: "sql/tx_done" });
});

databaseTest("a real serialization failure runs the function again", async (ctx, db) => {
  const pool = await db.open();
  await pool.exec(ctx, "create table t (id int primary key, n int)");
  await pool.exec(ctx, "insert into t values (1, 0)");
  let runs = 0;
  const both = Promise.withResolvers<void>();
  const increment = (): Promise<void> =>
    pool.tx(
      ctx,
      async (ctx, tx) => {
        const { n } = await tx.one<{ n: number }>(ctx, "select n from t where id = 1");
        // Both have read before either writes.
        if (++runs === 2) both.resolve();
        await both.promise;
        await tx.exec(ctx, "update t set n = $1 where id = 1", [n + 1]);
      },
      { isolation: "serializable" },
    );
  await Promise.all([increment(), increment()]);
  assert.equal(runs, 3);
  assert.deepEqual(await pool.one(ctx, "select n from t"), { n: 2 });
});

databaseTest("a real deadlock: with one attempt it surfaces, with more it is run again", async (ctx, db) => {
  const pool = await db.open();
  await pool.exec(ctx, "create table t (id int primary key, n int)");
  await pool.exec(ctx, "insert into t values (1, 0), (2, 0)");
  const round = (attempts: number): Promise<PromiseSettledResult<void>[]> => {
    let ready = 0;
    const both = Promise.withResolvers<void>();
    const move = (from: number, to: number): Promise<void> =>
      pool.tx(
        ctx,
        async (ctx, tx) => {
          await tx.exec(ctx, "set local deadlock_timeout = '20ms'");
          await tx.exec(ctx, "update t set n = n - 1 where id = $1", [from]);
          if (++ready === 2) both.resolve();
          await both.promise;
          await tx.exec(ctx, "update t set n = n + 1 where id = $1", [to]);
        },
        { attempts },
      );
    return Promise.allSettled([move(1, 2), move(2, 1)]);
  };
  const once = await round(1);
  const failed = once.filter((r) => r.status === "rejected");
  assert.equal(failed.length, 1);
  assert.equal(failed[0]!.reason.reason, "sql/deadlock");
  assert.equal(failed[0]!.reason.retryable, true);
  const again = await round(3);
  assert.ok(again.every((r) => r.status === "fulfilled"));
  assert.deepEqual(await pool.one(ctx, "select sum(n)::int as sum from t"), { sum: 0 });
});

test("attempts end with the last error, and with the context", async () => {
  await using pool = await openPool(background, new FakeDriver());
  const conflict = new SqlFailure("conflict", { code: "aborted", sqlState: "40001" });
  let runs = 0;
  const fail = (): never => {
    runs++;
    throw conflict;
  };
  await assert.rejects(pool.tx(background, fail), (err) => err === conflict);
  assert.equal(runs, 3);
  runs = 0;
  using ctx = withCancel(background);
  await assert.rejects(
    pool.tx(
      ctx,
      () => {
        if (runs === 1) ctx.cancel();
        fail();
      },
      { attempts: 10 },
    ),
  );
  assert.equal(runs, 2);
  await assert.rejects(
    pool.tx(background, () => 1, { attempts: 0 }),
    { reason: "sql/bad_option" },
  );
});

databaseTest("what follows a statement that was refused before it was sent is in the transaction", async (ctx, db) => {
  const pool = await db.open();
  await pool.exec(ctx, "create table t (n int)");
  const undone = pool.tx(ctx, async (ctx, tx) => {
    await assert.rejects(tx.exec(ctx, "insert into t values ($1)", [() => 1]), { reason: "sql/bad_argument" });
    await tx.exec(ctx, "insert into t values (2)");
    throw new Error("no");
  });
  await assert.rejects(undone, { message: "no" });
  assert.deepEqual(await pool.many(ctx, "select * from t"), []);
  // A first statement that the server refuses: the transaction has begun and is rolled back.
  const refused = pool.tx(ctx, async (ctx, tx) => {
    await assert.rejects(tx.exec(ctx, "selec 1"), { reason: "sql/syntax_error" });
    await tx.exec(ctx, "insert into t values (3)");
  });
  await assert.rejects(refused, { sqlState: "25P02" });
  assert.deepEqual(await pool.many(ctx, "select * from t"), []);
});

test("BEGIN goes out with the first statement", async () => {
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { maxConns: 1 });
  const conn = driver.conns[0]!;
  let said: string[] = [];
  conn.run = async (text) => {
    said.push(text);
    if (text === "begin read only") throw new Failure("no", { code: "internal" });
  };
  const cases: readonly { name: string; fn: TxFn<unknown>; options?: TxOptions; said: readonly string[] }[] = [
    { name: "nothing is done in it", fn: () => 1, said: [] },
    { name: "one", fn: (ctx, tx) => tx.exec(ctx, "one"), said: ["begin", "one", "commit"] },
    {
      name: "a script first",
      fn: async (ctx, tx) => {
        await tx.script(ctx, "script");
        await tx.exec(ctx, "two");
      },
      options: { isolation: "serializable" },
      said: ["begin isolation level serializable", "script", "two", "commit"],
    },
    {
      name: "a savepoint first",
      fn: (ctx, tx) => tx.tx(ctx, (ctx, tx) => tx.exec(ctx, "inner")),
      said: ["begin", "savepoint millrace_1", "inner", "release savepoint millrace_1", "commit"],
    },
    {
      // What follows is not run outside of the transaction.
      name: "BEGIN fails",
      fn: async (ctx, tx) => {
        await assert.rejects(tx.exec(ctx, "one"), { message: /no$/ });
        await assert.rejects(tx.exec(ctx, "two"), { message: /no$/ });
      },
      options: { readOnly: true },
      said: ["begin read only", "begin read only"],
    },
  ];
  for (const { name, fn, options, said: want } of cases) {
    said = [];
    await pool.tx(background, fn, options);
    assert.deepEqual(said, want, name);
  }
  said = [];
  await pool.withConn(background, async (ctx, session) => {
    await session.tx(ctx, () => 1);
    await session.exec(ctx, "outside");
  });
  assert.deepEqual(said, ["outside"]);
});

test("a release is not canceled: what is rolled back to after one that was done is an older savepoint", async () => {
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { maxConns: 1 });
  const said: string[] = [];
  using soon = withCancel(background);
  driver.conns[0]!.run = async (text) => {
    said.push(text);
    if (!text.startsWith("release")) return;
    // It is done all the same, a little later.
    await new Promise((resolve) => void setImmediate(resolve));
    soon.cancel();
    await new Promise((resolve) => void setImmediate(resolve));
  };
  await pool.tx(background, async (ctx, tx) => {
    // This savepoint stays, with the name of the next one.
    await assert.rejects(
      tx.tx(ctx, () => {
        throw new Error("boom");
      }),
      /boom/,
    );
    await tx.exec(ctx, "outer");
    assert.equal(await tx.tx(soon, (ctx, inner) => inner.exec(ctx, "inner")), 0);
    await using begun = await tx.begin(ctx);
    await begun.commit(ctx);
  });
  assert.deepEqual(
    said.join(", ").replaceAll("savepoint millrace_1", "s"),
    ["begin, s, rollback to s, outer", "s, inner, release s", "s, release s, commit"].join(", "),
  );
});

test("a commit without an answer is reported as unknown", async (t) => {
  await t.test("cut", async () => {
    const driver = new FakeDriver();
    await using pool = await openPool(background, driver);
    const conn = driver.conns[0]!;
    conn.run = async (text) => {
      if (text === "commit") conn.destroy();
    };
    await assert.rejects(
      pool.tx(background, (ctx, tx) => tx.exec(ctx, "select 1")),
      {
        code: "unknown",
        reason: "sql/commit_unknown",
        retryable: false,
      },
    );
    await pool.many(background, "select 1");
  });
  await t.test("silent", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const driver = new FakeDriver();
    const pool = await openPool(background, driver);
    const committing = Promise.withResolvers<void>();
    driver.conns[0]!.run = async (text) => {
      if (text !== "commit") return;
      committing.resolve();
      await new Promise(() => undefined);
    };
    const tx = pool.tx(background, (ctx, tx) => tx.exec(ctx, "select 1"));
    tx.catch(() => undefined);
    await committing.promise;
    t.mock.timers.tick(5000);
    await assert.rejects(tx, { reason: "sql/commit_unknown" });
    await pool.close(background);
  });
});
