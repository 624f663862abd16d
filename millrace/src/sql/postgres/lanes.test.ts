import assert from "node:assert/strict";
import { withCancel, withTimeout } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { driverConformance } from "../testing/conformance.ts";
import { createDatabase, databaseTest, eventually, serverUrl } from "../testing/database.ts";
import { openTrusting, warm } from "../testing/lanes.ts";
import { postgres } from "./index.ts";

// Statements are written at the end of the tick.
const written = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

for (const preparedStatements of [256, 2, 0]) {
  driverConformance(
    `pipelined postgres, ${preparedStatements} prepared statements`,
    async (owned) => {
      const server = serverUrl();
      return server === undefined
        ? undefined
        : postgres({ url: await createDatabase(server, owned), preparedStatements });
    },
    { pipeline: { lanes: 2 } },
  );
}

databaseTest("a thousand statements at once, each with its own answer or error", async (ctx, db) => {
  await using pool = await openTrusting(ctx, postgres(db.url), { maxConns: 3, pipeline: { lanes: 2 } });
  await pool.exec(ctx, "create table t (id int primary key, v text)");
  await warm(ctx, pool, 2);
  const before = pool.stats().lanes!.statements;
  const one = async (i: number): Promise<void> => {
    if (i % 10 === 1) {
      await assert.rejects(pool.many(ctx, "select 1 / $1::int", [0]), { reason: "sql/bad_data" });
    } else if (i % 10 === 2) {
      await assert.rejects(pool.many(ctx, "select $1::text", [Symbol("s")]), { reason: "sql/bad_argument" });
    } else if (i % 10 === 3) {
      await assert.rejects(pool.many(ctx, "selec 1"), { reason: "sql/syntax_error" });
    } else if (i % 10 === 4) {
      await assert.rejects(pool.many(ctx, "select nothing from t"), { reason: "sql/undefined_column" });
    } else {
      assert.equal(await pool.exec(ctx, "insert into t values ($1, $2)", [i, `value ${i}`]), 1);
      assert.deepEqual(await pool.many(ctx, "select * from t where id = $1", [i]), [{ id: i, v: `value ${i}` }]);
      await assert.rejects(pool.exec(ctx, "insert into t values ($1, 'again')", [i]), {
        reason: "sql/unique_violation",
      });
    }
  };
  await Promise.all(Array.from({ length: 1000 }, (_, i) => one(i)));
  assert.deepEqual(await pool.one(ctx, "select count(*)::int as n from t"), { n: 600 });
  const { lanes, acquired, waiting } = pool.stats();
  assert.ok(lanes!.statements - before > 500, `only ${lanes!.statements} on lanes`);
  assert.deepEqual({ acquired, waiting, inFlight: lanes!.inFlight }, { acquired: 0, waiting: 0, inFlight: 0 });
});

databaseTest("one text many times before the server has seen it, and one that cannot be prepared", async (ctx, db) => {
  await using pool = await openTrusting(ctx, postgres(db.url), { maxConns: 2, pipeline: { lanes: 1 } });
  await warm(ctx, pool, 1);
  const rows = await Promise.all(
    Array.from({ length: 30 }, (_, i) => pool.one(ctx, "select $1::int as n, 'x' as s", [i])),
  );
  assert.deepEqual(
    rows,
    rows.map((_, i) => ({ n: i, s: "x" })),
  );
  for (let i = 0; i < 2; i++) {
    const failed = await Promise.allSettled(Array.from({ length: 30 }, () => pool.one(ctx, "select n from late")));
    assert.ok(failed.every((one) => one.status === "rejected" && one.reason.reason === "sql/undefined_table"));
  }
  await pool.exec(ctx, "create table late (n int)");
  // The first to bring the text fails after it was prepared: it stays prepared.
  const text = "insert into late select 10 / $1::int returning n";
  const first = pool.one(ctx, text, [0]);
  const others = Promise.all([1, 2, 5].map((n) => pool.one(ctx, text, [n])));
  await assert.rejects(first, { reason: "sql/bad_data" });
  assert.deepEqual(await others, [{ n: 10 }, { n: 5 }, { n: 2 }]);
  assert.deepEqual(await pool.one(ctx, text, [10]), { n: 1 });
});

databaseTest("a table that changes under statements that are under way", async (ctx, db) => {
  await using pool = await openTrusting(ctx, postgres(db.url), { maxConns: 3, pipeline: { lanes: 2 } });
  await pool.exec(ctx, "create table t (a int)");
  await pool.exec(ctx, "insert into t values (1)");
  await warm(ctx, pool, 2);
  const read = (): Promise<unknown[]> =>
    Promise.all(Array.from({ length: 40 }, () => pool.one(ctx, "select * from t")));
  await read();
  await pool.exec(ctx, "alter table t add b text default 'x'");
  assert.ok((await read()).every((row) => JSON.stringify(row) === '{"a":1,"b":"x"}'));
  const { reruns } = pool.stats().lanes!;
  assert.ok(reruns > 0);
  assert.ok((await read()).every((row) => JSON.stringify(row) === '{"a":1,"b":"x"}'));
  assert.equal(pool.stats().lanes!.reruns, reruns, "prepared anew");
});

databaseTest("transactions, sessions and other statements do not share a connection", async (ctx, db) => {
  await using pool = await openTrusting(ctx, postgres(db.url), { maxConns: 3, pipeline: { lanes: 2 } });
  await warm(ctx, pool, 2);
  const before = pool.stats().lanes!.statements;
  await pool.exec(ctx, "create table t (n int)");
  await pool.exec(ctx, "set application_name to 'x'");
  await pool.tx(ctx, async (ctx, tx) => void (await tx.exec(ctx, "insert into t values (1)")));
  await pool.withConn(ctx, async (ctx, session) => void (await session.exec(ctx, "insert into t values (2)")));
  await assert.rejects(pool.many(ctx, "begin"), { reason: "sql/open_transaction" });
  assert.equal(pool.stats().lanes!.statements, before);
  await pool.tx(ctx, async (inner) => {
    await assert.rejects(pool.many(inner, "select 1"), { reason: "sql/nested_acquire" });
    assert.deepEqual(await pool.many(ctx, "select n from t order by n"), [{ n: 1 }, { n: 2 }]);
  });
  assert.equal(pool.stats().lanes!.statements, before + 1);
});

databaseTest("a text that was slow has a connection of its own until it is quick again", async (ctx, db) => {
  await using pool = await openTrusting(ctx, postgres(db.url), { maxConns: 2, pipeline: { lanes: 1 } });
  await warm(ctx, pool, 1);
  const count = (): number => pool.stats().lanes!.statements;
  const text = "select pg_sleep($1::float8)";
  const before = count();
  await pool.exec(ctx, text, [0.03]);
  assert.equal(count(), before + 1);
  for (let i = 0; i < 10; i++) await pool.exec(ctx, text, [0]);
  assert.equal(count(), before + 1);
  await eventually(ctx, "it is back", async () => {
    await pool.exec(ctx, text, [0]);
    return count() > before + 1;
  });
});

databaseTest("close waits for what is under way, and cuts it when it must not wait longer", async (ctx, db) => {
  await using pool = await openTrusting(ctx, postgres(db.url), { maxConns: 2, pipeline: { lanes: 1 } });
  await warm(ctx, pool, 1);
  const last = pool.one(ctx, "select 1 as n, pg_sleep(0.05)");
  const closing = pool.close(ctx);
  await assert.rejects(pool.many(ctx, "select 1"), { reason: "sql/pool_closed" });
  assert.deepEqual(await last, { n: 1, pgSleep: "" });
  await closing;

  await using cut = await openTrusting(ctx, postgres(db.url), { maxConns: 2, pipeline: { lanes: 1 } });
  await warm(ctx, cut, 1);
  const slow = cut.many(ctx, "select pg_sleep(30)");
  slow.catch(() => undefined);
  await written();
  using soon = withTimeout(ctx, 50);
  await assert.rejects(cut.close(soon), (err: Failure) => {
    assert.equal(err.code, "deadline_exceeded");
    assert.match(err.message, /1 on a lane behind "select pg_sleep\(30\)" for \d+ ms/);
    return true;
  });
  await assert.rejects(slow, { reason: "sql/connection_lost", retryable: false });
});

databaseTest("the stack of an error leads to the caller", async (ctx, db) => {
  await using pool = await openTrusting(ctx, postgres(db.url), { maxConns: 2, pipeline: { lanes: 1 } });
  await warm(ctx, pool, 1);
  async function repositoryMethod(): Promise<void> {
    await pool.one(ctx, "select 1/0");
  }
  const { statements } = pool.stats().lanes!;
  await assert.rejects(repositoryMethod(), (err: Error) => /at async repositoryMethod/.test(err.stack ?? ""));
  assert.equal(pool.stats().lanes!.statements, statements + 1);
});

databaseTest("who leaves before the statement is written takes it along", async (ctx, db) => {
  await using pool = await openTrusting(ctx, postgres(db.url), { maxConns: 2, pipeline: { lanes: 1 } });
  await pool.exec(ctx, "create table t (n int)");
  await warm(ctx, pool, 1);
  using at = withCancel(ctx);
  const gone = pool.exec(at, "insert into t values (1)");
  const stays = pool.exec(ctx, "insert into t values (2)");
  at.cancel();
  await assert.rejects(gone, { code: "canceled" });
  assert.equal(await stays, 1);
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 2 }]);
  assert.equal(pool.stats().lanes!.cancels, 0);
});

databaseTest("who leaves a statement that runs has it canceled, and others go on", async (ctx, db) => {
  await using pool = await openTrusting(ctx, postgres(db.url), { maxConns: 3, pipeline: { lanes: 1 } });
  await warm(ctx, pool, 1);
  using at = withCancel(ctx);
  const slow = pool.many(at, "select pg_sleep(30)");
  const behind = Promise.all(Array.from({ length: 10 }, (_, i) => pool.one(ctx, "select $1::int as n", [i])));
  await written();
  const leftAt = performance.now();
  let left = false;
  slow.catch(() => {
    left = true;
  });
  at.cancel();
  await written();
  assert.ok(left, "the caller leaves at once");
  assert.equal(pool.stats().lanes!.shut, 1);
  await assert.rejects(slow, { code: "canceled" });
  assert.deepEqual(await pool.one(ctx, "select 1 as one"), { one: 1 }, "elsewhere meanwhile");
  assert.deepEqual(
    await behind,
    Array.from({ length: 10 }, (_, n) => ({ n })),
  );
  assert.ok(performance.now() - leftAt < 15_000, "long before the statement would have ended");
  await eventually(ctx, "the lane is open", () => pool.stats().lanes!.shut === 0);
  const { open, inFlight, closedBroken } = pool.stats().lanes!;
  assert.deepEqual(
    { open, inFlight, closedBroken },
    { open: 1, inFlight: 0, closedBroken: 0 },
    "on the same connection",
  );
});
