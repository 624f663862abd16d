import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, withTimeout } from "../context/index.ts";
import { pglite } from "../sql/pglite/index.ts";
import { type Pool, type Querier, openPool } from "../sql/index.ts";
import { databaseTest, eventually } from "../sql/testing/database.ts";
import { type SqlMigration, down, parseMigration, status, up } from "./index.ts";
import { type Progress, digest, readProgress, writeProgress } from "./progress.ts";

const UP = "-- +goose NO TRANSACTION\n-- +goose Up\n";
const TABLE = "create table t (n int);\n";
const plain = (statements: string): SqlMigration => parseMigration("1_a.sql", UP + statements);

const numbers = async (ctx: Ctx, db: Querier): Promise<unknown[]> =>
  (await db.many(ctx, "select n from t order by n")).map((row) => row["n"]);

/** leave writes down what a run would have left that was killed. */
const leave = (ctx: Ctx, pool: Pool, migration: SqlMigration, progress: Partial<Progress>): Promise<void> =>
  pool.withConn(ctx, (ctx, session) => {
    const done = progress.done ?? 0;
    const prefix = digest(migration.up.slice(0, done));
    return writeProgress(ctx, session, { version: 1n, direction: "up", done, begun: true, prefix, ...progress });
  });

databaseTest("what failed is gone on with at the statement that failed, though it was changed", async (ctx, db) => {
  const pool = await db.open();
  const bad = plain(`${TABLE}insert into t values (1);\ninsert into t values (1/0);\ninsert into t values (3);`);
  await assert.rejects(up(ctx, pool, [bad]), /1_a\.sql:5: statement 3 of 4 \(2 of its statements were applied\)/);
  assert.equal((await status(ctx, pool, [bad]))[0]?.state, "partial");
  await assert.rejects(down(ctx, pool, [bad]), { reason: "migrate/partial", message: /half way up/ });
  const other = plain(`${TABLE}insert into t values (7);\ninsert into t values (2);`);
  await assert.rejects(up(ctx, pool, [other]), { reason: "migrate/changed", message: /first 2 statements/ });
  await assert.rejects(up(ctx, pool, [plain(TABLE)]), { reason: "migrate/changed" });
  await assert.rejects(up(ctx, pool, []), { reason: "migrate/missing" });
  const good = plain(
    `${TABLE}insert into t values (1);\n-- as it should be\ninsert into t values (2);\ninsert into t values (3);`,
  );
  assert.equal((await up(ctx, pool, [good])).length, 1);
  assert.deepEqual(await numbers(ctx, pool), [1, 2, 3]);
  assert.equal(await readProgress(ctx, pool), undefined);
  assert.equal((await status(ctx, pool, [good]))[0]?.state, "applied");
});

databaseTest(
  "a statement in doubt is refused until the operator says, and runs as often as was said",
  async (ctx, db) => {
    const cases = [
      { inDoubt: "done", want: [2] },
      { inDoubt: "again", want: [1, 2] },
    ] as const;
    const pool = await db.open();
    for (const { inDoubt, want } of cases) {
      await pool.exec(ctx, "drop table if exists t");
      await pool.exec(ctx, TABLE);
      await pool.exec(ctx, "drop table if exists goose_db_version");
      const migration = plain(`${TABLE}insert into t values (1);\ninsert into t values (2);`);
      await leave(ctx, pool, migration, { done: 1 });
      await assert.rejects(up(ctx, pool, [migration]), {
        code: "failed_precondition",
        reason: "migrate/in_doubt",
        message: /1_a\.sql:4: statement 2 of 3 was running/,
      });
      assert.deepEqual(await numbers(ctx, pool), []);
      await up(ctx, pool, [migration], { inDoubt });
      assert.deepEqual(await numbers(ctx, pool), want);
    }
  },
);

databaseTest("where the database shows how a statement ended, nobody has to say", async (ctx, db) => {
  const rows = "insert into t select * from generate_series(1, 3);";
  const cases = [
    { name: "absent", before: "", text: "create index concurrently i on t (n);" },
    { name: "built", before: "create index i on t (n);", text: "create index concurrently i on t (n);" },
    {
      name: "invalid",
      before: "create index i on t (n); update pg_index set indisvalid = false where indexrelid = 'i'::regclass;",
      text: "create unique index concurrently if not exists i on public.t (n);",
    },
    {
      name: "a name with a quote",
      before: `create index "I ""x""" on t (n);`,
      text: `/* why */ create index concurrently "I ""x""" -- for\n on t (n);`,
    },
    {
      name: "another index of the name elsewhere",
      before: "create table u (n int); create index j on u (n);",
      text: "create index concurrently i on t (n);",
    },
    { name: "vacuum", before: "", text: "vacuum (analyze) t;" },
    { name: "if not exists", before: "create table v (n int);", text: "create table if not exists v (n int);" },
    { name: "if exists", before: "", text: "drop table if exists w;" },
  ];
  const pool = await db.open();
  for (const { name, before, text } of cases) {
    await pool.withConn(ctx, (ctx, session) =>
      session.script(ctx, `drop table if exists t, u, v, goose_db_version; ${TABLE} ${rows} ${before}`),
    );
    const migration = plain(`${TABLE}${text}`);
    await leave(ctx, pool, migration, { done: 1 });
    assert.equal((await up(ctx, pool, [migration])).length, 1, name);
    const wrong = await pool.many(ctx, "select indexrelid::regclass from pg_index where not indisvalid");
    assert.deepEqual(wrong, [], name);
    const { n } = await pool.one<{ n: bigint }>(
      ctx,
      "select count(*) as n from pg_index where indrelid = 't'::regclass",
    );
    assert.equal(n, text.includes("index") ? 1n : 0n, name);
  }
});

databaseTest("what only looks as if it could be repeated is in doubt", async (ctx, db) => {
  const pool = await db.open();
  const cases = [
    "insert into t select 1 where not exists (select from t);",
    "-- +goose StatementBegin\ncreate table if not exists x (n int); insert into t values (1);\n-- +goose StatementEnd",
    "create table x as select 'if not exists' as a;",
    "alter table if exists t add column m int;",
    "drop table t;",
  ];
  for (const text of cases) {
    const migration = plain(`${TABLE}${text}`);
    await leave(ctx, pool, migration, { done: 1 });
    await assert.rejects(up(ctx, pool, [migration]), { reason: "migrate/in_doubt" }, text);
  }
});

databaseTest("a failed build of an index is cleared away before it is tried again", async (ctx, db) => {
  const pool = await db.open();
  const index = `${TABLE}insert into t values (1), (1);\ncreate unique index concurrently i on t (n);`;
  await assert.rejects(up(ctx, pool, [plain(index)]), /1_a\.sql:5: statement 3 of 3 .*could not create unique index/);
  await pool.exec(ctx, "delete from t where ctid in (select max(ctid) from t)");
  assert.equal((await up(ctx, pool, [plain(index)])).length, 1);
  assert.deepEqual(await pool.one(ctx, "select indisvalid as valid from pg_index where indexrelid = 'i'::regclass"), {
    valid: true,
  });
});

databaseTest("a statement that was left, or whose connection was lost, is in doubt", async (ctx, db) => {
  const pool = await db.open();
  const slow = plain(`${TABLE}insert into t select 1 from pg_sleep(30);`);
  const lost = up(ctx, pool, [slow]);
  const killed = assert.rejects(lost, /1_a\.sql:4: statement 2 of 2 \(it may have been applied; 1 before it were\)/);
  const other = await db.open();
  const end =
    "select pg_terminate_backend(pid) as ended from pg_stat_activity where query like 'insert into t select 1 from pg_sleep%'";
  await eventually(ctx, "the statement runs", async () => (await other.many(ctx, end)).length > 0);
  await killed;
  await assert.rejects(up(ctx, pool, [slow]), { reason: "migrate/in_doubt" });
  using short = withTimeout(ctx, 1000);
  await assert.rejects(up(short, pool, [slow], { inDoubt: "again" }), { code: "deadline_exceeded" });
  await assert.rejects(up(ctx, pool, [slow]), { reason: "migrate/in_doubt" });
  assert.equal((await up(ctx, pool, [slow], { inDoubt: "done" })).length, 1);
});

databaseTest("down goes on where it was, too, and up waits for it", async (ctx, db) => {
  const pool = await db.open();
  const text = `${UP}${TABLE}-- +goose Down\ninsert into t values (1);\nselect 1/0;\ndrop table t;\n`;
  const migration = parseMigration("1_a.sql", text);
  await up(ctx, pool, [migration]);
  await assert.rejects(down(ctx, pool, [migration]), /1_a\.sql:6: statement 2 of 3/);
  await assert.rejects(up(ctx, pool, [migration]), { reason: "migrate/partial", message: /half way down/ });
  assert.deepEqual(await numbers(ctx, pool), [1]);
  const other = parseMigration("1_a.sql", text.replace("values (1)", "values (2)"));
  await assert.rejects(down(ctx, pool, [other]), { reason: "migrate/changed" });
  const fixed = parseMigration("1_a.sql", text.replace("1/0", "1"));
  assert.equal((await down(ctx, pool, [fixed]))[0]?.file, "1_a.sql");
  assert.equal((await status(ctx, pool, [fixed]))[0]?.state, "pending");
});

test("on PGlite: half done, in doubt, and two at once", async () => {
  using ctx = withTimeout(background, 30_000);
  await using pool = await openPool(ctx, pglite());
  const bad = plain(`${TABLE}insert into t values (1);\nselect 1/0;`);
  await assert.rejects(up(ctx, pool, [bad]), /1_a\.sql:5: statement 3 of 3/);
  const good = plain(`${TABLE}insert into t values (1);\ncreate index concurrently i on t (n);`);
  const both = await Promise.all([up(ctx, pool, [good]), up(ctx, pool, [good])]);
  assert.deepEqual(
    both.map(({ length }) => length),
    [1, 0],
  );
  assert.deepEqual(await numbers(ctx, pool), [1]);
});
