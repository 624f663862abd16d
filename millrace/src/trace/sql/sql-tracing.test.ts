import assert from "node:assert/strict";
import { test } from "node:test";
import { background } from "../../context/index.ts";
import { openPool, sql } from "../../sql/index.ts";
import { databaseTest } from "../../sql/testing/database.ts";
import { FakeDriver } from "../../sql/testing/fake.ts";
import { span } from "../index.ts";
import { memory } from "../testing/memory.ts";
import { sqlTracing } from "./index.ts";

databaseTest("statements are spans, with no argument and no literal", async (_ctx, db) => {
  const { ctx, spans } = memory();
  const pool = await db.open({ maxConns: 2, hooks: sqlTracing({ database: "shop" }) });
  await span(ctx, "outer", async (ctx) => {
    await pool.exec(ctx, "create table t (n int)");
    await pool.tx(ctx, (ctx, tx) => tx.exec(ctx, sql`insert into t values (${1}), (22)`));
    await assert.rejects(pool.many(ctx, sql`select ${"secret"}::int`), /secret/);
  });
  const outer = spans.at(-1);
  // Whether BEGIN is a statement of its own is the pool's affair.
  const told = spans.filter(({ name }) => name !== "BEGIN");
  assert.deepEqual(
    told.map(({ name }) => name),
    ["CREATE t", "INSERT t", "COMMIT", "SELECT", "outer"],
  );
  for (const one of spans.slice(0, -1)) {
    assert.deepEqual([one.parentId, one.kind], [outer?.spanId, "client"]);
    assert.ok(one.startMs >= outer!.startMs && one.endMs <= outer!.endMs);
    assert.deepEqual([one.attrs["db.system.name"], one.attrs["db.namespace"]], ["postgresql", "shop"]);
  }
  const [, insert, , select] = told;
  assert.equal(insert?.attrs["db.query.text"], "insert into t values ($1), (?)");
  assert.equal(insert?.attrs["db.operation.name"], "INSERT");
  assert.equal(insert?.attrs["db.response.returned_rows"], 2);
  assert.deepEqual([select?.status, select?.statusMessage], ["error", "invalid_argument"]);
  assert.equal(select?.attrs["db.response.status_code"], "22P02");
  assert.doesNotMatch(JSON.stringify(select), /secret/);
});

test("a wait for a connection is an event of the span around it", () => {
  const { ctx, spans } = memory();
  const hooks = sqlTracing();
  span(ctx, "outer", (ctx) => {
    hooks.acquire(ctx, { holder: "tx", waitMs: 0.1, err: undefined });
    hooks.acquire(ctx, { holder: "tx", waitMs: 12, err: undefined });
    hooks.acquire(ctx, { holder: "", waitMs: 0, err: new Error("secret") });
  });
  assert.deepEqual(
    spans[0]?.events.map(({ attrs }) => attrs),
    [
      { wait_ms: 12, holder: "tx" },
      { wait_ms: 0, holder: "", error: "unknown" },
    ],
  );
});

test("nothing is told where nobody traces", async () => {
  const { ctx, spans } = memory(() => false);
  await using pool = await openPool(background, new FakeDriver(), { hooks: sqlTracing() });
  await pool.exec(background, "select 1");
  await span(ctx, "outer", (ctx) => pool.exec(ctx, "select 1"));
  assert.deepEqual(spans, []);
});
