import assert from "node:assert/strict";
import { test } from "node:test";
import { json } from "./postgres/index.ts";
import { databaseTest } from "./testing/database.ts";
import { Sql, sql } from "./index.ts";

const id = 7;
const name = "'; drop table t; --";

const cases: readonly { name: string; made: Sql; text: string; args: readonly unknown[] }[] = [
  { name: "no values", made: sql`select 1`, text: "select 1", args: [] },
  { name: "values", made: sql`select ${id}, ${name}`, text: "select $1, $2", args: [7, name] },
  {
    name: "null, undefined and arrays are values",
    made: sql`${null} ${undefined} ${[1, 2]}`,
    text: "$1 $2 $3",
    args: [null, undefined, [1, 2]],
  },
  {
    name: "a fragment brings its values, renumbered",
    made: sql`select ${id} from t where ${sql`a = ${1} or b = ${2}`} and c = ${3}`,
    text: "select $1 from t where a = $2 or b = $3 and c = $4",
    args: [7, 1, 2, 3],
  },
  { name: "fragments side by side", made: sql`${sql`a ${1}`}${sql`b ${2}`}`, text: "a $1b $2", args: [1, 2] },
  { name: "fragments in fragments", made: sql`(${sql`[${sql`<${1}>`}]`})`, text: "([<$1>])", args: [1] },
  { name: "nothing", made: sql`select 1${sql.empty}`, text: "select 1", args: [] },
  { name: "names", made: sql`select * from ${sql.id("app", "user")}`, text: 'select * from "app"."user"', args: [] },
  { name: "names with anything in them", made: sql.id('a"b', "c.d", "; --"), text: '"a""b"."c.d"."; --"', args: [] },
  {
    name: "a list",
    made: sql`id in (${sql.list([1, 2, 3])}) and ${id}`,
    text: "id in ($1, $2, $3) and $4",
    args: [1, 2, 3, 7],
  },
  { name: "a list of fragments", made: sql.list(new Set([sql`now()`, 1])), text: "now(), $1", args: [1] },
  { name: "joined by commas", made: sql.join([sql.id("a"), sql`b + ${1}`]), text: '"a", b + $1', args: [1] },
  {
    name: "joined by and, what is empty left out",
    made: sql.join([sql`a = ${1}`, sql.empty, sql`b = ${2}`], sql` and `),
    text: "a = $1 and b = $2",
    args: [1, 2],
  },
  { name: "nothing joined", made: sql.join([]), text: "", args: [] },
  { name: "escapes are JavaScript's", made: sql`select 'a\nb'`, text: "select 'a\nb'", args: [] },
];

test("what the tag makes", async (t) => {
  for (const { name, made, text, args } of cases) {
    await t.test(name, () => {
      assert.equal(made.text, text);
      assert.deepEqual(made.args, args);
      assert.equal(made.text, made.text);
    });
  }
});

test("what cannot be made", () => {
  const bad: readonly [what: () => unknown, reason: string][] = [
    [() => sql.id(), "sql/bad_argument"],
    [() => sql.id(""), "sql/bad_argument"],
    [() => sql.id("a\0b"), "sql/bad_argument"],
    [() => sql.id(JSON.parse("1") as string), "sql/bad_argument"],
    [() => sql.list([]), "sql/empty_list"],
    [() => sql.join(["drop table t" as unknown as Sql]), "sql/bad_argument"],
    // A string from outside, in JavaScript or past the compiler.
    [() => sql(["drop table t"] as unknown as TemplateStringsArray), "sql/bad_argument"],
    [() => sql("drop table t" as unknown as TemplateStringsArray), "sql/bad_argument"],
    [() => sql(JSON.parse(`{"0":"drop table t","raw":[]}`) as TemplateStringsArray), "sql/bad_argument"],
  ];
  for (const [what, reason] of bad) assert.throws(what, { code: "invalid_argument", reason });
});

test("what only looks like a fragment is a value", () => {
  const posing = JSON.parse('{"text":"drop table t","args":[]}') as unknown;
  assert.equal(sql`select ${posing}`.text, "select $1");
  assert.equal(sql`select ${{ __proto__: null, text: "x" }}`.text, "select $1");
});

databaseTest("a Sql goes wherever a text goes, and is prepared once", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  await pool.exec(ctx, sql`create table ${sql.id("we ird.t")} (n int, s text)`);
  const into = (n: number, s: string): Sql => sql`insert into ${sql.id("we ird.t")} values (${n}, ${s})`;
  for (let i = 0; i < 5; i++) assert.equal(await pool.exec(ctx, into(i, name)), 1);
  const found = sql<{ n: number; s: string }>`select n, s from ${sql.id("we ird.t")} where n = ${3}`;
  const row = await pool.one(ctx, found);
  assert.deepEqual({ n: row.n, s: row.s }, { n: 3, s: name });
  assert.deepEqual(await pool.many(ctx, found), [{ n: 3, s: name }]);
  assert.deepEqual((await pool.query(ctx, found)).rows, [{ n: 3, s: name }]);
  await pool.tx(ctx, async (ctx, tx) => assert.deepEqual(await tx.maybe(ctx, found), { n: 3, s: name }));
  await pool.withConn(ctx, async (ctx, session) => assert.deepEqual(await session.one(ctx, found), { n: 3, s: name }));
  assert.equal(
    (await pool.many(ctx, sql`select n from ${sql.id("we ird.t")} where n in (${sql.list([1, 2])})`)).length,
    2,
  );
  assert.deepEqual(await pool.one(ctx, sql`select ${json([1])}::jsonb as v`), { v: [1] });
  const { n } = await pool.one<{ n: number }>(
    ctx,
    "select count(*)::int as n from pg_prepared_statements where statement like 'insert%'",
  );
  assert.equal(n, 1);
});

databaseTest("a Sql takes no arguments beside its own, and is none itself", async (ctx, db) => {
  const pool = await db.open();
  const refused = { code: "invalid_argument", reason: "sql/bad_argument" };
  for (const run of [pool.query(ctx, sql`select ${1}`, [2]), pool.exec(ctx, sql`select 1`, [])]) {
    await assert.rejects(run, refused);
  }
  await assert.rejects(pool.many(ctx, "select $1", [sql`now()`]), refused);
  await assert.rejects(pool.one(ctx, sql`select ${1}::int where false`), {
    message: "sql: select $1::int where false: no rows",
  });
});
