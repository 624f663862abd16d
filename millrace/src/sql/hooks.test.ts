import assert from "node:assert/strict";
import { test } from "node:test";
import { background, withTimeout } from "../context/index.ts";
import { Failure, codeOf } from "../errors/index.ts";
import { type PoolHooks, openPool, sql } from "./index.ts";
import { collect } from "./testing/collect.ts";
import { databaseTest } from "./testing/database.ts";
import { FakeDriver } from "./testing/fake.ts";

interface Told {
  readonly hooks: PoolHooks;
  readonly queries: (readonly [label: string, rows: number, code: string])[];
  readonly acquired: (readonly [holder: string, code: string])[];
}

function told(): Told {
  const queries: Told["queries"] = [];
  const acquired: Told["acquired"] = [];
  return {
    queries,
    acquired,
    hooks: {
      acquire: (_ctx, { holder, waitMs, err }) => {
        assert.ok(waitMs >= 0);
        acquired.push([holder, err === undefined ? "" : codeOf(err)]);
      },
      query: (_ctx, { label, rows, durationMs, err }) => {
        assert.ok(durationMs >= 0);
        queries.push([label, rows, err === undefined ? "" : codeOf(err)]);
      },
    },
  };
}

databaseTest("the hooks hear of every statement and every connection", async (ctx, db) => {
  const { hooks, queries, acquired } = told();
  const pool = await db.open({ maxConns: 2, hooks });
  await pool.exec(ctx, "create table t (n int)");
  await pool.many(ctx, "select generate_series(1, 3)");
  await assert.rejects(pool.many(ctx, "select 1/0"));
  await pool.tx(ctx, (ctx, tx) => tx.exec(ctx, sql`insert into t values (${1}), (${2})`));
  await pool.withConn(ctx, (ctx, session) => session.one(ctx, "select 1"));
  {
    await using tx = await pool.begin(ctx);
    await tx.exec(ctx, "select 2");
  }
  await collect(pool.rows(ctx, "select generate_series(1, 7)", [], { fetch: 2 }));
  await collect(pool.copyTo(ctx, "table t"));
  await pool.copyFrom(ctx, "t", ["n"], [[1], [2], [3], [4]]);
  await pool.batch(ctx, ["select 1", "insert into t values (1), (2)"]);
  assert.deepEqual(queries, [
    ["create table t (n int)", 0, ""],
    ["select generate_series(1, 3)", 3, ""],
    ["select 1/0", 0, "invalid_argument"],
    ["insert into t values ($1), ($2)", 2, ""],
    ["commit", 0, ""],
    ["select 1", 1, ""],
    ["select 2", 1, ""],
    ["select generate_series(1, 7)", 7, ""],
    ["copy (table t ) to stdout …", 0, ""],
    [`copy "t" ("n") from stdin`, 4, ""],
    ["select 1; insert into t values …", 3, ""],
  ]);
  assert.deepEqual(
    acquired.map(([holder]) => holder),
    ["", "", "", "tx", "withConn", "begin", "", "", "", ""],
  );
});

test("the hooks hear of who gets no connection, and harm nobody", async () => {
  const { hooks, acquired, queries } = told();
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { maxConns: 1, hooks });
  await pool.withConn(background, async () => {
    using ctx = withTimeout(background, 1);
    await assert.rejects(pool.many(ctx, "select 1"), { code: "deadline_exceeded" });
  });
  assert.deepEqual(acquired, [
    ["withConn", ""],
    ["", "deadline_exceeded"],
  ]);
  assert.deepEqual(queries, [["select 1", 0, "deadline_exceeded"]]);

  const throwing = (): never => {
    throw new Failure("a broken metric", { code: "internal" });
  };
  await using other = await openPool(background, new FakeDriver(), { hooks: { acquire: throwing, query: throwing } });
  assert.equal(await other.exec(background, "select 1"), 0);
  assert.equal(await other.tx(background, (ctx, tx) => tx.exec(ctx, "select 1")), 0);
});

test("a deadline adds nothing to what is sent", async () => {
  const driver = new FakeDriver();
  await using pool = await openPool(background, driver, { maxConns: 1 });
  const sent: string[] = [];
  driver.conns[0]!.run = (text) => {
    sent.push(text);
    return Promise.resolve();
  };
  using ctx = withTimeout(background, 10_000);
  await pool.exec(ctx, "select 1");
  await pool.tx(ctx, (ctx, tx) => tx.exec(ctx, "select 2"));
  assert.deepEqual(sent, ["select 1", "begin", "select 2", "commit"]);
});
