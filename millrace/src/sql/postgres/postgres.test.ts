import assert from "node:assert/strict";
import { test } from "node:test";
import { background, withTimeout } from "../../context/index.ts";
import type { Failure } from "../../errors/index.ts";
import { Secret } from "../../secret/index.ts";
import { openPool } from "../index.ts";
import { driverConformance } from "../testing/conformance.ts";
import { createDatabase, databaseTest, serverUrl } from "../testing/database.ts";
import { json, postgres } from "./index.ts";

driverConformance("postgres", async (owned) => {
  const server = serverUrl();
  return server === undefined ? undefined : postgres(await createDatabase(server, owned));
});

driverConformance("postgres without prepared statements", async (owned) => {
  const server = serverUrl();
  return server === undefined
    ? undefined
    : postgres({ url: new Secret(await createDatabase(server, owned)), preparedStatements: 0 });
});

driverConformance("postgres with two prepared statements", async (owned) => {
  const server = serverUrl();
  return server === undefined
    ? undefined
    : postgres({ url: await createDatabase(server, owned), preparedStatements: 2 });
});

test("bad urls are refused without being repeated", async () => {
  for (const url of ["", "localhost", "mysql://user:hunter2@host/db"]) {
    assert.throws(
      () => postgres(url),
      (err: Failure) => err.reason === "sql/bad_url" && !err.message.includes("hunter2"),
    );
  }
});

test("a server that is not there", async () => {
  const before = performance.now();
  await assert.rejects(openPool(background, postgres("postgres://user:hunter2@127.0.0.1:1/db")), (err: Failure) => {
    assert.equal(err.code, "unavailable");
    assert.equal(err.reason, "sql/connect_failed");
    assert.equal(err.retryable, true);
    assert.match(err.message, /^sql: connect to 127\.0\.0\.1:1\/db: .*ECONNREFUSED/);
    assert.doesNotMatch(err.message, /hunter2/);
    return true;
  });
  assert.ok(performance.now() - before < 9000, "before an attempt to connect would be over");
});

databaseTest("a database, or a user, that is not there", async (ctx, db) => {
  const cases = [
    { change: (url: URL) => void (url.pathname = "/nowhere"), reason: "sql/no_such_database" },
    { change: (url: URL) => void (url.username = "nobody"), reason: "sql/bad_credentials" },
  ];
  for (const { change, reason } of cases) {
    const url = new URL(db.url);
    change(url);
    await assert.rejects(openPool(ctx, postgres(url.href)), { code: "internal", reason });
  }
});

databaseTest("at most so many statements stay prepared", async (ctx, db) => {
  await using pool = await openPool(ctx, postgres({ url: db.url, preparedStatements: 3 }), { maxConns: 1 });
  for (let i = 0; i < 20; i++) await pool.one(ctx, `select ${i} as n`);
  const { n } = await pool.one<{ n: number }>(ctx, "select count(*)::int as n from pg_prepared_statements");
  assert.equal(n, 3);
  // Forgotten on the server behind our back.
  await pool.exec(ctx, "deallocate all");
  assert.deepEqual(await pool.one(ctx, "select 19 as n"), { n: 19 });
});

databaseTest("a changed table inside of a transaction is retryable, and tried again", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  await pool.exec(ctx, "create table t (a int)");
  await pool.many(ctx, "select * from t");
  await pool.exec(ctx, "alter table t add b int");
  await assert.rejects(
    pool.tx(ctx, (ctx, tx) => tx.many(ctx, "select * from t")),
    { code: "aborted", reason: "sql/plan_changed", retryable: true },
  );
  await pool.tx(ctx, (ctx, tx) => tx.many(ctx, "select * from t"));
});

databaseTest("json() sends what would not be JSON by itself; a Secret is not sent", async (ctx, db) => {
  const pool = await db.open();
  for (const value of [[1, "a"], "text", 5, null, { a: 1 }]) {
    assert.deepEqual(await pool.one(ctx, "select $1::jsonb as v", [json(value)]), { v: value });
  }
  await assert.rejects(pool.many(ctx, "select $1::text", [new Secret("s")]), { reason: "sql/bad_argument" });
});

databaseTest("the application's name, a DateStyle that is not ISO, and COPY", async (ctx, db) => {
  const pool = await openPool(ctx, postgres({ url: db.url, applicationName: "storefront" }));
  await using _ = pool;
  assert.deepEqual(await pool.one(ctx, "select current_setting('application_name') as name"), { name: "storefront" });
  const name = new URL(db.url).pathname.slice(1);
  await pool.exec(ctx, `alter database ${name} set datestyle to 'German'`);
  const german = await db.open();
  assert.deepEqual(await german.one(ctx, "select '2026-03-01'::date as d"), { d: "2026-03-01" });
  await pool.exec(ctx, "create table t as select 1 as n");
  for (const copy of ["copy t from stdin", "copy t to stdout"]) {
    await assert.rejects(pool.many(ctx, copy), { reason: "sql/no_copy" });
    await assert.rejects(
      pool.withConn(ctx, (ctx, s) => s.script(ctx, copy)),
      { reason: "sql/no_copy" },
    );
  }
  assert.equal(await pool.exec(ctx, "select 1"), 1);
});

databaseTest("a time that no Date can hold is an error of that row, and the session goes on", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  await assert.rejects(pool.many(ctx, "select '290000-01-01 00:00:00+00'::timestamptz"), {
    code: "out_of_range",
    reason: "sql/unreadable_value",
  });
  assert.equal(await pool.exec(ctx, "select 1"), 1);
  assert.equal(pool.stats().closedBroken, 0);
});

databaseTest("ping does not wait for the pool", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  await pool.tx(ctx, async (ctx) => {
    using short = withTimeout(ctx, 2000);
    await pool.ping(short);
  });
});

databaseTest("the stack of an error leads to the caller", async (ctx, db) => {
  const pool = await db.open();
  async function repositoryMethod(): Promise<void> {
    await pool.many(ctx, "selec");
  }
  await assert.rejects(repositoryMethod(), (err: Error) => /at async repositoryMethod/.test(err.stack ?? ""));
});
