import assert from "node:assert/strict";
import { test } from "node:test";
import { type PoolHooks, bothHooks } from "../../sql/index.ts";
import { databaseTest } from "../../sql/testing/database.ts";
import { Registry, scrape } from "../index.ts";
import { operationOf } from "./operation.ts";
import { PoolMetrics } from "./pool-metrics.ts";

databaseTest("a pool's statements, waits and connections", async (ctx, db) => {
  const registry = new Registry();
  const metrics = new PoolMetrics(registry, "main");
  // A second pool counts beside it.
  const other = new PoolMetrics(registry, "other");
  const texts: string[] = [];
  const broken: PoolHooks = {
    query: (_ctx, { text }) => {
      texts.push(text);
      throw new Error("no");
    },
  };
  const pool = await db.open({ maxConns: 2, hooks: bothHooks(broken, metrics) });
  metrics.watch(pool);
  other.watch(pool);
  await pool.many(ctx, "select 1");
  await pool.many(ctx, "-- how many\nselect 2");
  await assert.rejects(pool.many(ctx, "select 1/0"));
  await pool.exec(ctx, "create table t (n int)");
  await pool.withConn(ctx, async (ctx, session) => {
    await session.exec(ctx, "insert into t values (1)");
    const { body } = scrape(registry);
    assert.match(body, /^db_client_connections{db_client_connection_pool_name="main",.*_state="used"} 1$/m);
    assert.match(body, /^db_client_connection_max{db_client_connection_pool_name="main"} 2$/m);
    assert.match(body, /^db_client_connection_max{db_client_connection_pool_name="other"} 2$/m);
    assert.match(body, /^db_client_connection_pending_requests{.*="main"} 0$/m);
    assert.match(body, /^db_client_connection_timeouts_total{.*="main"} 0$/m);
    assert.match(body, /^db_client_connection_closed_total{.*="main",reason="broken"} 0$/m);
  });
  const { body } = scrape(registry);
  const counts = body.matchAll(/^db_client_operation_duration_seconds_count{.*="main",.*="(.*)",.*="(.*)"} (\d+)$/gm);
  assert.deepEqual(
    [...counts].map(([, operation, error, count]) => `${operation} ${error} ${count}`),
    ["CREATE  1", "INSERT  1", "SELECT  2", "SELECT invalid_argument 1"],
  );
  const waits = Number(/^db_client_connection_wait_time_seconds_count{.*="main"} (\d+)$/m.exec(body)?.[1]);
  assert.ok(waits >= 1, `${waits}`);
  assert.ok(texts.includes("select 1"), "the other hooks hear of it too, and what they throw harms nobody");
  assert.equal(body.includes("metrics_read_failures"), false);
});

test("an operation is one of a list", async (t) => {
  const cases: { statement: string; want: string }[] = [
    { statement: "select 1", want: "SELECT" },
    { statement: "  (Select 1)", want: "SELECT" },
    { statement: "/* a */ with x as (select 1)", want: "WITH" },
    { statement: "-- name\ndelete from t", want: "DELETE" },
    { statement: "/*\n*/ -- a\n -- b\n (update t", want: "UPDATE" },
    { statement: "/* select", want: "_OTHER" },
    { statement: "-- select", want: "_OTHER" },
    { statement: `${"/**/".repeat(10_000)}select`, want: "_OTHER" },
    { statement: "secret", want: "_OTHER" },
    { statement: "", want: "_OTHER" },
  ];
  for (const { statement, want } of cases) {
    await t.test(statement.slice(0, 40), () => assert.equal(operationOf(statement), want));
  }
});
