import assert from "node:assert/strict";
import { test } from "node:test";
import { background, withTimeout } from "../../context/index.ts";
import type { Code } from "../../errors/index.ts";
import { type Driver, type PoolOptions, SqlFailure } from "../index.ts";
import { openTrusting } from "./lanes.ts";
import { type Check, streamConformance } from "./stream-conformance.ts";
import { VALUES } from "./values.ts";

/**
 * OpenDriver opens the driver for one test over a database that is the test's own; what must be closed after the pool
 * goes to `owned`. Undefined: the server is not to be had, which is reported as skipped.
 */
export type OpenDriver = (owned: AsyncDisposableStack) => Promise<Driver | undefined>;

const ERRORS: readonly { readonly sql: string; readonly code: Code; readonly reason: string }[] = [
  { sql: "selec 1", code: "internal", reason: "sql/syntax_error" },
  { sql: "select * from nowhere", code: "internal", reason: "sql/undefined_table" },
  { sql: "select nothing from parent", code: "internal", reason: "sql/undefined_column" },
  { sql: "insert into parent values (1, 'b')", code: "already_exists", reason: "sql/unique_violation" },
  { sql: "insert into child values (7)", code: "failed_precondition", reason: "sql/foreign_key_violation" },
  { sql: "insert into parent values (-1, 'b')", code: "failed_precondition", reason: "sql/check_violation" },
  { sql: "insert into parent values (2, null)", code: "invalid_argument", reason: "sql/not_null_violation" },
  { sql: "select 'x'::int", code: "invalid_argument", reason: "sql/bad_text_representation" },
  { sql: "select 99999999999::int8::int4", code: "out_of_range", reason: "sql/number_out_of_range" },
  { sql: "select '2026-13-01'::date", code: "out_of_range", reason: "sql/datetime_out_of_range" },
];

/** driverConformance is what every driver must do, run through a pool. */
export function driverConformance(name: string, openDriver: OpenDriver, options: PoolOptions = {}): void {
  const check: Check = (what, fn) => {
    test(`${name}: ${what}`, async (t) => {
      await using owned = new AsyncDisposableStack();
      const driver = await openDriver(owned);
      if (driver === undefined) {
        t.skip("needs DATABASE_URL");
        return;
      }
      using ctx = withTimeout(background, 60_000);
      await fn(ctx, owned.use(await openTrusting(ctx, driver, { maxConns: 4, ...options })));
    });
  };

  check("rows are plain objects with camelCase keys", async (ctx, pool) => {
    const sql = `select 1 as user_id, 2 as "alreadyCamel", 3 as _private, 4 as line_2_b, 5 as a__b, 6 as "__proto__"`;
    // The second time from the prepared statement.
    for (let i = 0; i < 2; i++) {
      const row = await pool.one(ctx, sql);
      assert.deepEqual(Object.keys(row), ["userId", "alreadyCamel", "_private", "line2B", "aB", "__proto__"]);
      assert.deepEqual(Object.values(row), [1, 2, 3, 4, 5, 6]);
      assert.equal(Object.getPrototypeOf(row), Object.prototype);
    }
    await assert.rejects(pool.many(ctx, "select 1 as a_b, 2 as a_b"), { reason: "sql/duplicate_column" });
    assert.equal(await pool.exec(ctx, "select 1"), 1);
  });

  check("query, one, maybe and exec", async (ctx, pool) => {
    assert.equal(await pool.exec(ctx, "create table t (n int, s text)"), 0);
    assert.equal(await pool.exec(ctx, "insert into t values (1, 'a'), (2, null)"), 2);
    assert.deepEqual(await pool.many(ctx, "select n, s from t order by n"), [
      { n: 1, s: "a" },
      { n: 2, s: null },
    ]);
    assert.deepEqual(await pool.one(ctx, "select s from t where n = $1", [1]), { s: "a" });
    assert.equal(await pool.maybe(ctx, "select s from t where n = $1", [3]), undefined);
    await assert.rejects(pool.one(ctx, "select s from t where n = $1", [3]), {
      code: "not_found",
      reason: "sql/no_rows",
    });
    assert.equal(await pool.exec(ctx, "update t set s = 'x'"), 2);
    assert.equal(await pool.exec(ctx, ""), 0);
    assert.deepEqual(await pool.many(ctx, "select from t"), [{}, {}]);
  });

  check("values come and go unchanged", async (ctx, pool) => {
    await pool.exec(ctx, "set timezone to 'Asia/Kolkata'");
    for (const { type, sql, value } of VALUES) {
      const read = await pool.one(ctx, `select (${sql})::${type} as v`);
      assert.deepEqual(read, { v: value }, `read ${type} ${sql}`);
      const sent = await pool.one(ctx, `select $1::${type} as v, $1::${type} is null as n`, [value]);
      assert.deepEqual(sent, { v: value, n: false }, `send ${type} ${sql}`);
    }
    for (const nothing of [null, undefined]) {
      assert.deepEqual(await pool.one(ctx, "select $1::int as v", [nothing]), { v: null });
    }
  });

  check("errors have codes, reasons and the names of what they hit", async (ctx, pool) => {
    await pool.exec(
      ctx,
      "create table parent (id int constraint parent_pk primary key check (id > 0), name text not null)",
    );
    await pool.exec(ctx, "create table child (parent_id int references parent)");
    await pool.exec(ctx, "insert into parent values (1, 'a')");
    for (const { sql, code, reason } of ERRORS) {
      await assert.rejects(pool.many(ctx, sql), (err) => {
        assert.ok(err instanceof SqlFailure, sql);
        assert.equal(err.code, code, sql);
        assert.equal(err.reason, reason, sql);
        assert.equal(err.detail, undefined);
        assert.equal(err.retryable, false);
        assert.equal(err.cause, undefined);
        return true;
      });
    }
    await assert.rejects(pool.many(ctx, "insert into parent values ($1, 'secret')", [1]), (err: SqlFailure) => {
      assert.deepEqual(
        [err.constraint, err.table, err.schema, err.sqlState],
        ["parent_pk", "parent", "public", "23505"],
      );
      assert.match(err.message, /^sql: insert into parent values \(\$1, 'secret'\): duplicate key/);
      assert.doesNotMatch(err.message, /already exists/);
      return true;
    });
    assert.equal((await pool.one(ctx, "select count(*)::int as n from parent"))["n"], 1);
  });

  check("a session goes on after an error", async (ctx, pool) => {
    await pool.withConn(ctx, async (ctx, session) => {
      for (let i = 0; i < 3; i++) {
        await assert.rejects(session.many(ctx, "select 1/0"), { reason: "sql/bad_data" });
        assert.deepEqual(await session.one(ctx, "select $1::int as n", [i]), { n: i });
      }
      await assert.rejects(session.script(ctx, "create table half (n int); select 1/0"), { reason: "sql/bad_data" });
      assert.deepEqual(await session.one(ctx, "select to_regclass('half') is null as gone"), { gone: true });
      await session.script(ctx, "create table whole (n int); insert into whole values (1); select * from whole");
      assert.deepEqual(await session.one(ctx, "select n from whole"), { n: 1 });
    });
  });

  check("bad arguments are refused before anything is sent", async (ctx, pool) => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    const bad: unknown[] = [() => 1, Symbol("s"), new Date(NaN), loop, { n: 1n }, new Map()];
    for (const value of bad) {
      await assert.rejects(pool.many(ctx, "select $1::text", [value]), {
        code: "invalid_argument",
        reason: "sql/bad_argument",
      });
    }
    const many = Array.from({ length: 65_536 }, () => 1);
    await assert.rejects(pool.many(ctx, "select 1", many), { reason: "sql/bad_argument" });
    await assert.rejects(pool.many(ctx, "select $1::int", [1, 2]), {
      code: "internal",
      reason: "sql/protocol_violation",
    });
    await assert.rejects(pool.many(ctx, "select 1\0"), { reason: "sql/bad_argument" });
    assert.equal(await pool.exec(ctx, "select 1"), 1);
  });

  check("transactions are isolated, and roll back", async (ctx, pool) => {
    await pool.exec(ctx, "create table t (n int)");
    await assert.rejects(
      pool.tx(ctx, async (inner, tx) => {
        await tx.exec(inner, "insert into t values (1)");
        // On a driver whose connections share one server process this waits for the transaction: not asked for.
        if (pool.driver.can.advisoryLocks) assert.deepEqual(await pool.many(ctx, "select n from t"), []);
        throw new Error("boom");
      }),
      /boom/,
    );
    assert.deepEqual(await pool.many(ctx, "select n from t"), []);
    await pool.tx(ctx, (ctx, tx) => tx.exec(ctx, "insert into t values (2)"));
    assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 2 }]);
  });

  check("a pool's worth of callers at once", async (ctx, pool) => {
    await pool.exec(ctx, "create table t (n int primary key)");
    await Promise.all(Array.from({ length: 50 }, (_, i) => pool.exec(ctx, "insert into t values ($1)", [i])));
    const sums = await Promise.all(
      Array.from({ length: 20 }, () => pool.tx(ctx, (ctx, tx) => tx.one(ctx, "select sum(n)::int as sum from t"))),
    );
    assert.ok(sums.every(({ sum }) => sum === 1225));
  });

  check("a table that changes under a prepared statement", async (ctx, pool) => {
    await pool.exec(ctx, "create table t (a int)");
    await pool.exec(ctx, "insert into t values (1)");
    for (let i = 0; i < 8; i++) assert.deepEqual(await pool.many(ctx, "select * from t"), [{ a: 1 }]);
    await pool.exec(ctx, "alter table t add b text default 'x'");
    for (let i = 0; i < 8; i++) assert.deepEqual(await pool.many(ctx, "select * from t"), [{ a: 1, b: "x" }]);
  });

  streamConformance(check);

  check("ping, and a context that ends", async (ctx, pool) => {
    await Promise.all([pool.ping(ctx), pool.ping(ctx)]);
    await pool.ping(ctx);
    using over = withTimeout(ctx, 0);
    await assert.rejects(pool.ping(over), { code: "deadline_exceeded" });
    await assert.rejects(pool.many(over, "select 1"), { code: "deadline_exceeded" });
  });
}
