import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import Cursor from "pg-cursor";
import { type Ctx, background, withCancel, withTimeout } from "../../context/index.ts";
import type { Failure } from "../../errors/index.ts";
import { openPool } from "../index.ts";
import { postgres } from "../postgres/index.ts";
import { databaseTest, eventually } from "../testing/database.ts";
import { proxyTo } from "../testing/proxy.ts";
import { type PgPool, pgPool } from "./index.ts";
import { running } from "./testing/running.ts";

databaseTest("results are pg's own", async (ctx, db) => {
  const face = pgPool(await db.open(), { ctx: () => ctx });
  const text =
    "select 9007199254740993::int8 as big_int, 1.50 as n, $1::text as t, array[1,2] as a, '2026-01-01'::date as d";
  const result = await face.query(text, ["x"]);
  const [row] = result.rows as Record<string, unknown>[];
  assert.ok(row?.["d"] instanceof Date);
  assert.deepEqual({ ...row, d: 0 }, { big_int: "9007199254740993", n: "1.50", t: "x", a: [1, 2], d: 0 });
  assert.deepEqual([result.command, result.rowCount, result.fields[0]?.name], ["SELECT", 1, "big_int"]);

  const array = await face.query({ text: "select 1 as a, 2 as a", rowMode: "array" });
  assert.deepEqual(array.rows, [[1, 2]]);
  const types = { getTypeParser: () => (value: unknown) => `<${String(value)}>` };
  assert.deepEqual((await face.query({ text: "select 1 as a", types } as { text: string })).rows, [{ a: "<1>" }]);
  for (let i = 0; i < 3; i++) {
    assert.deepEqual((await face.query({ name: "m1", text: "select $1::int as n", values: [i] })).rows, [{ n: i }]);
  }
  const several = (await face.query("select 1 as a; select 2 as b")) as unknown as { rows: unknown[] }[];
  assert.deepEqual(
    several.map(({ rows }) => rows),
    [[{ a: 1 }], [{ b: 2 }]],
  );
  await assert.rejects(face.query("selec"), (err: Error & { code: string; severity: string }) => {
    assert.deepEqual([err.code, err.severity], ["42601", "ERROR"]);
    assert.match(err.stack ?? "", /pool\.test/);
    return true;
  });
  await assert.rejects(face.query({ text: "select $1", values: 5 } as never), /must be an array/);
});

databaseTest("callbacks, queued statements, and the end", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  const face = pgPool(pool, { ctx: () => ctx });
  const got = await new Promise((resolve) => {
    face.connect((err, client, done) => {
      client?.query("select $1::int as n", [1], (_, result) => {
        done();
        resolve([err, result.rows]);
      });
    });
  });
  assert.deepEqual(got, [undefined, [{ n: 1 }]]);
  const code = await new Promise((resolve) => {
    face.query("selec", (err) => resolve((err as { code?: string }).code));
  });
  assert.equal(code, "42601");

  const client = await face.connect();
  const all = await Promise.all([1, 2, 3].map((n) => client.query("select $1::int as n", [n])));
  assert.deepEqual(
    all.map(({ rows }) => rows[0]),
    [{ n: 1 }, { n: 2 }, { n: 3 }],
  );
  assert.equal(face.totalCount, 1);
  const ended = face.end();
  assert.equal(face.ended, false);
  client.release();
  assert.throws(() => client.release(), /already been released/);
  await assert.rejects(client.query("select 1"), /released/);
  await ended;
  await assert.rejects(face.connect(), /after calling end/);
  // The pool itself is its opener's.
  assert.equal(await pool.exec(ctx, "select 1"), 1);
});

databaseTest("the bounds are ours: a wait for a connection ends, and names who holds it", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1, acquireTimeoutMs: 50 });
  const face = pgPool(pool, { ctx: () => ctx });
  const client = await face.connect();
  await client.query("select 7");
  await assert.rejects(face.query("select 1"), (err: Failure) => {
    assert.equal(err.reason, "sql/pool_timeout");
    assert.match(err.message, /held by withConn pgClient \(select 7\)/);
    return true;
  });
  client.release();
  await pool.tx(ctx, async (inner) => {
    await assert.rejects(face.with(inner).query("select 1"), { reason: "sql/nested_acquire" });
  });
});

databaseTest("ctx ends: the statement is canceled on the server, and the connection goes on", async (ctx, db) => {
  const face = pgPool(await db.open({ maxConns: 1 }), { ctx: () => ctx });
  using short = withTimeout(ctx, 100);
  await assert.rejects(face.with(short).query("select pg_sleep(60)"), { code: "deadline_exceeded" });
  const { rows } = await face.query("select 1 as n");
  assert.deepEqual(rows, [{ n: 1 }]);
  assert.equal(await running(ctx, db), 0);
});

databaseTest("ctx comes from where the caller keeps it", async (ctx, db) => {
  const store = new AsyncLocalStorage<Ctx>();
  const face = pgPool(await db.open({ maxConns: 1 }), { ctx: () => store.getStore() ?? background });
  using gone = withCancel(ctx);
  gone.cancel();
  await store.run(gone, () => assert.rejects(face.query("select 1"), { code: "canceled" }));
  assert.equal((await face.query("select 1")).rowCount, 1);
});

databaseTest("a canceled transaction leaves ROLLBACK alone; COMMIT is not begun when ctx is over", async (ctx, db) => {
  const face = pgPool(await db.open({ maxConns: 1 }), { ctx: () => ctx });
  await face.query("create table t (n int)");
  using short = withCancel(ctx);
  const client = await face.with(short).connect();
  await client.query("begin");
  await client.query("insert into t values (1)");
  const sleeping = client.query("select pg_sleep(60)");
  sleeping.catch(() => undefined);
  await eventually(ctx, "it runs", async () => (await running(ctx, db)) === 1);
  short.cancel();
  await assert.rejects(sleeping, { code: "canceled" });
  await assert.rejects(client.query("commit"), { code: "canceled" });
  await client.query("rollback");
  client.release();
  assert.equal((await face.query("select from t")).rowCount, 0);
});

databaseTest("a client released inside of a transaction is closed, and error tells", async (ctx, db) => {
  const face = pgPool(await db.open({ maxConns: 1 }), { ctx: () => ctx });
  await face.query("create table t (n int)");
  const client = await face.connect();
  await client.query("begin");
  await client.query("insert into t values (1)");
  const told = new Promise<Error>((resolve) => void face.once("error", resolve));
  client.release();
  assert.equal(((await told) as Failure).reason, "sql/open_transaction");
  assert.equal((await face.query("select from t")).rowCount, 0);
});

databaseTest("a lost connection, and one that its holder gives up", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  const url = new URL(db.url);
  url.port = String(proxy.port);
  await using pool = await openPool(ctx, postgres(url.href), { maxConns: 1 });
  const face = pgPool(pool, { ctx: () => ctx });
  await face.query("create table t (n int)");
  proxy.cutWhen("insert into t", "after");
  await assert.rejects(face.query("insert into t values (1)"), { reason: "sql/connection_lost", retryable: false });
  const client = await face.connect();
  await client.query("begin");
  await client.query("insert into t values (2)");
  proxy.cutWhen("commit", "after");
  await assert.rejects(client.query("commit"), { reason: "sql/commit_unknown" });
  client.release();
  (await face.connect()).release(true);
  assert.equal((await face.query("select 1")).rowCount, 1);
  assert.equal(pool.stats().closedBroken, 3);
});

databaseTest("events: connect once for each connection, notifications", async (ctx, db) => {
  const face = pgPool(await db.open({ maxConns: 1, minConns: 0 }), { ctx: () => ctx });
  face.on("connect", (client) => void client.query("set application_name to 'mine'"));
  let connects = 0;
  face.on("connect", () => connects++);
  for (let i = 0; i < 2; i++) {
    const { rows } = await face.query("select current_setting('application_name') as name");
    assert.deepEqual(rows, [{ name: "mine" }]);
  }
  assert.equal(connects, 1);
  const client = await face.connect();
  await client.query("listen news");
  const heard = once(client, "notification");
  await client.query("notify news, 'x'");
  assert.equal(((await heard)[0] as { payload: string }).payload, "x");
  client.release(true);
});

databaseTest(
  "a cursor: to its end, left early, failing, and with ctx ending while it is idle or reads",
  async (ctx, db) => {
    const pool = await db.open({ maxConns: 1 });
    const face = pgPool(pool, { ctx: () => ctx });
    const client = await face.connect();
    const all = client.query(new Cursor("select n from generate_series(1, $1::int) as n", [3]));
    assert.deepEqual(await all.read(2), [{ n: 1 }, { n: 2 }]);
    assert.deepEqual(await all.read(2), [{ n: 3 }]);
    await all.close();
    const some = client.query(new Cursor("select generate_series(1, 1000)", []));
    await some.read(2);
    await some.close();
    const bad = client.query(new Cursor("select 1/(3 - n) from generate_series(1, 5) as n", []));
    await assert.rejects(bad.read(5), { code: "22012" });
    await bad.close();
    assert.equal((await client.query("select 1")).rowCount, 1);
    client.release();

    using idleCtx = withCancel(ctx);
    const idle = await face.with(idleCtx).connect();
    const waiting = idle.query(new Cursor("select generate_series(1, 1000000)", []));
    await waiting.read(2);
    idleCtx.cancel();
    await assert.rejects(waiting.read(2), { code: "canceled" });
    await waiting.close();
    idle.release();

    using busyCtx = withTimeout(ctx, 100);
    const busy = await face.with(busyCtx).connect();
    const sleeping = busy.query(new Cursor("select pg_sleep(60)", []));
    await assert.rejects(sleeping.read(1), { code: "deadline_exceeded" });
    await sleeping.close();
    busy.release();
    assert.equal((await face.query("select 1")).rowCount, 1);
    assert.equal(pool.stats().closedBroken, 0);
    assert.equal(await running(ctx, db), 0);
  },
);

databaseTest("over a transaction and a session of ours", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  await pool.exec(ctx, "create table t (n int)");
  const insert = (face: PgPool, n: number): Promise<unknown> => face.query("insert into t values ($1)", [n]);
  await assert.rejects(
    pool.tx(ctx, async (ctx, tx) => {
      const face = pgPool(tx, { ctx: () => ctx });
      await insert(face, 1);
      const client = await face.connect();
      await client.query("savepoint a");
      await client.query("insert into t values (2)");
      await client.query("rollback to savepoint a");
      client.release();
      assert.equal((await tx.many(ctx, "select from t")).length, 1);
      for (const text of ["begin", " COMMIT;", "rollback", "start transaction"]) {
        await assert.rejects(face.query(text), { reason: "sql/foreign_transaction" });
      }
      throw new Error("boom");
    }),
    /boom/,
  );
  const left = await pool.withConn(ctx, async (ctx, session) => {
    const face = pgPool(session, { ctx: () => ctx });
    const client = await face.connect();
    await client.query("begin");
    await insert(face, 3);
    await client.query("commit");
    return face;
  });
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 3 }]);
  await assert.rejects(insert(left, 4), { reason: "sql/tx_done" });
});
