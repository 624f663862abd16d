import assert from "node:assert/strict";
import { Big } from "big.js";
import { z } from "zod";
import type { Ctx } from "../../context/index.ts";
import { type Pool, openPool } from "../index.ts";
import { databaseTest } from "../testing/database.ts";
import { type Codec, Multirange, Range, composite, json, postgres } from "./index.ts";

// Node 26 has it; the compiler's library for this repository does not.
interface From<T = object> {
  from(value: string | object): T;
}
const { Temporal } = globalThis as unknown as {
  readonly Temporal: Record<"PlainDate" | "PlainDateTime" | "PlainTime" | "PlainYearMonth" | "Duration", From> & {
    readonly Instant: From<{ toZonedDateTimeISO(zone: string): object }>;
  };
};

const DECIMAL: Codec<Big> = {
  parse: (text) => new Big(text),
  is: (value) => value instanceof Big,
  format: (value) => value.toFixed(),
};

const value = async (pool: Pool, ctx: Ctx, sql: string, args: readonly unknown[] = []): Promise<unknown> =>
  (await pool.one(ctx, `select ${sql} as v`, args))["v"];

databaseTest("ranges and multiranges", async (ctx, db) => {
  const pool = await db.open();
  const cases: [type: string, sql: string, want: unknown][] = [
    ["int4range", "'[1,10)'", new Range(1, 10)],
    ["int4range", "'(,5]'", new Range(null, 6, "()")],
    ["int4range", "'empty'", Range.none()],
    ["int4range", "'(,)'", new Range(null, null, "()")],
    ["int8range", "'[9007199254740993,)'", new Range(9007199254740993n, null)],
    ["numrange", "'(1.50,2.0]'", new Range("1.50", "2.0", "(]")],
    ["daterange", "'[2026-01-01,infinity)'", new Range("2026-01-01", "infinity")],
    ["tsrange", "'[2026-01-01 10:00,2026-01-02)'", new Range("2026-01-01 10:00:00", "2026-01-02 00:00:00")],
    ["tstzrange", "'[2026-01-01 10:00+00,]'", new Range(new Date("2026-01-01T10:00:00Z"), null)],
    ["int4range[]", "array['[1,2)', null, 'empty']::int4range[]", [new Range(1, 2), null, Range.none()]],
    ["int4multirange", "'{}'", new Multirange([])],
    [
      "datemultirange",
      "'{[2026-01-01,2026-01-02),[2026-02-01,)}'",
      new Multirange([new Range("2026-01-01", "2026-01-02"), new Range("2026-02-01", null)]),
    ],
    ["int4multirange[]", `'{"{[1,2),[5,6)}"}'`, [new Multirange([new Range(1, 2), new Range(5, 6)])]],
  ];
  for (const [type, sql, want] of cases) {
    assert.deepEqual(await value(pool, ctx, `(${sql})::${type}`), want, `read ${type} ${sql}`);
    assert.deepEqual(await value(pool, ctx, `$1::${type}`, [want]), want, `send ${type} ${sql}`);
  }
});

databaseTest("the database's own types are known to the first rows of a portal and of a batch", async (ctx, db) => {
  for (const preparedStatements of [256, 1, 0]) {
    await using pool = await openPool(ctx, postgres({ url: db.url, preparedStatements }), { maxConns: 1 });
    await pool.exec(ctx, `create type mood${preparedStatements} as enum ('sad', 'happy')`);
    const text = `select array[null, 'sad']::mood${preparedStatements}[] as v from generate_series(1, 3)`;
    const want = { v: [null, "sad"] };
    for (let i = 0; i < 2; i++) {
      const rows: unknown[] = [];
      for await (const row of pool.rows(ctx, text, [], { fetch: 1 })) rows.push(row);
      assert.deepEqual(rows, [want, want, want]);
    }
    await pool.exec(ctx, `create type other${preparedStatements} as enum ('sad', 'happy')`);
    const other = text.replace("mood", "other");
    for (let i = 0; i < 2; i++) {
      const [first, second] = await pool.batch(ctx, [
        { text: other, args: [] },
        { text: "select 1 as n", args: [] },
      ]);
      assert.deepEqual([first?.rows, second?.rows], [[want, want, want], [{ n: 1 }]]);
    }
  }
});

databaseTest("the database's own types: asked for when first seen, once", async (ctx, db) => {
  const pool = await db.open({ maxConns: 1 });
  await pool.withConn(ctx, (ctx, session) =>
    session.script(
      ctx,
      `create type mood as enum ('sad', 'so so', 'happy');
       create domain amount as numeric check (value >= 0);
       create type item as (sku_code text, price amount, moods mood[]);
       create type floatrange as range (subtype = float8);
       create table leaf (id int, label text);
       create table tree (id int, leaves leaf[])`,
    ),
  );
  const item = { skuCode: 'a "b",\\', price: "1.50", moods: ["sad", null, "so so"] };
  const bare = { skuCode: "", price: null, moods: [] };
  const itemText = `row('a "b",\\', 1.50, '{sad,null,so so}')::item`;
  const cases: [type: string, sql: string, want: unknown, arg?: unknown][] = [
    ["mood", "'happy'", "happy"],
    ["mood[]", "'{happy,NULL,so so}'", ["happy", null, "so so"]],
    ["amount", "1.50", "1.50"],
    ["amount[]", "'{1.50}'", ["1.50"]],
    ["item", itemText, item, composite(item)],
    ["item", "row('', null, '{}')", bare, composite(["", null, []])],
    ["item[]", `array[${itemText}, null]`, [item, null], [composite(item), null]],
    ["floatrange", "'[1.5,2]'", new Range(1.5, 2, "[]")],
    ["floatmultirange", "'{[1.5,2]}'", new Multirange([new Range(1.5, 2, "[]")])],
    ["floatrange[]", "array['[1.5,2]'::floatrange]", [new Range(1.5, 2, "[]")]],
    ["box[]", "'{(2,2),(1,1);(4,4),(3,3)}'", ["(2,2),(1,1)", "(4,4),(3,3)"], "{(2,2),(1,1);(4,4),(3,3)}"],
    ["information_schema.sql_identifier[]", "'{a}'", ["a"]],
  ];
  for (const [type, sql, want, arg] of cases) {
    // The first sight, and from what was learned.
    for (let i = 0; i < 2; i++) {
      const read = await value(pool, ctx, `(${sql})::${type}`);
      assert.deepEqual(read, want, `read ${type} ${sql}`);
      const sent = await value(pool, ctx, `$1::${type}`, [arg ?? want]);
      assert.deepEqual(sent, want, `send ${type} ${sql}`);
    }
  }
  await pool.exec(ctx, "insert into tree values (1, array[row(2, 'x')::leaf])");
  const leaves = [{ id: 2, label: "x" }];
  assert.deepEqual(await pool.many(ctx, "select t, t.leaves from tree t"), [{ t: { id: 1, leaves }, leaves }]);
  // A type of the very transaction, whose catalog nobody else sees.
  await pool.tx(ctx, async (ctx, tx) => {
    await tx.exec(ctx, "create type inner_kind as enum ('x')");
    assert.deepEqual(await tx.one(ctx, "select '{x}'::inner_kind[] as v"), { v: ["x"] });
  });
  const asked = async (): Promise<unknown> =>
    await value(
      pool,
      ctx,
      "(select sum(generic_plans + custom_plans)::int from pg_prepared_statements where statement like E'\\nwith recursive%')",
    );
  const before = await asked();
  assert.ok(Number(before) > 0);
  for (const [type, sql] of cases) await value(pool, ctx, `(${sql})::${type}, 'another statement'`);
  assert.equal(await asked(), before);
});

databaseTest("int8 as number, numeric as a decimal, in arrays, ranges and composites too", async (ctx, db) => {
  const driver = postgres({ url: db.url, types: { int8: "number", numeric: DECIMAL } });
  await using pool = await openPool(ctx, driver);
  await pool.exec(ctx, "create type money_pair as (n int8, d numeric)");
  const big = new Big("12345678901234567890.10");
  const cases: [type: string, want: unknown, arg?: unknown][] = [
    ["int8", Number.MAX_SAFE_INTEGER],
    ["int8[]", [1, null, -5]],
    ["int8range", new Range(1, 5)],
    ["numeric", big],
    ["numeric[]", [[big], [new Big("-0.000000000000000000001")]]],
    ["numrange", new Range(big, null)],
    ["money_pair", { n: 7, d: big }, composite([7, big])],
  ];
  for (const [type, want, arg] of cases) {
    assert.deepEqual(await value(pool, ctx, `$1::${type}`, [arg ?? want]), want, type);
  }
  for (const sql of ["9007199254740992::int8", "'NaN'::numeric", "'{1,NaN}'::numeric[]"]) {
    await assert.rejects(value(pool, ctx, sql), { code: "out_of_range", reason: "sql/unreadable_value" }, sql);
  }
  assert.equal(pool.stats().closedBroken, 0);
});

databaseTest("Temporal", async (ctx, db) => {
  await using pool = await openPool(ctx, postgres({ url: db.url, types: { temporal: Temporal } }));
  const { Instant, PlainDate, PlainDateTime, PlainTime, Duration } = Temporal;
  const cases: [type: string, sql: string, want: object][] = [
    ["date", "2026-03-01", PlainDate.from("2026-03-01")],
    ["date", "0044-03-15 BC", PlainDate.from("-000043-03-15")],
    ["date", "0001-01-01 BC", PlainDate.from("0000-01-01")],
    ["date", "12026-03-01", PlainDate.from("+012026-03-01")],
    ["date", "infinity", PlainDate.from("+275760-09-13")],
    ["date", "-infinity", PlainDate.from("-271821-04-19")],
    ["time", "08:00:01.000001", PlainTime.from("08:00:01.000001")],
    ["timestamp", "2026-01-01 12:00:00.123456", PlainDateTime.from("2026-01-01T12:00:00.123456")],
    ["timestamp", "infinity", PlainDateTime.from("+275760-09-13T23:59:59.999999999")],
    ["timestamptz", "2026-01-01 12:00:00.123456+02", Instant.from("2026-01-01T10:00:00.123456Z")],
    ["timestamptz", "1890-01-02 03:04:05+00:53:28", Instant.from("1890-01-02T02:10:37Z")],
    ["timestamptz", "-infinity", Instant.from("-271821-04-20T00:00:00Z")],
    ["interval", "14 mons -3 days", Duration.from({ months: 14 })],
    ["interval", "1 year 2 mons 3 days 04:05:06.789012", Duration.from("P1Y2M3DT4H5M6.789012S")],
    ["interval", "-00:00:00.000001", Duration.from({ microseconds: -1 })],
    ["interval", "100:00:00", Duration.from({ hours: 100 })],
    ["interval", "0", Duration.from({ seconds: 0 })],
  ];
  await pool.exec(ctx, "set timezone to 'Asia/Kolkata'");
  for (const [type, sql, want] of cases) {
    if (sql.includes("mons -")) {
      await assert.rejects(value(pool, ctx, `'${sql}'::${type}`), { reason: "sql/unreadable_value" });
      continue;
    }
    const read = await value(pool, ctx, `'${sql}'::${type}`);
    assert.equal(Object.prototype.toString.call(read), Object.prototype.toString.call(want));
    assert.equal(String(read), String(want), `read ${type} ${sql}`);
    assert.equal(String(await value(pool, ctx, `$1::${type}`, [want])), String(want), `send ${type} ${sql}`);
  }
  // What is finer than the server's microseconds is cut off, not rounded into the future.
  const fine = Instant.from("2026-01-01T00:00:00.999999999Z");
  assert.equal(String(await value(pool, ctx, "$1::timestamptz", [fine])), "2026-01-01T00:00:00.999999Z");
  const zoned = fine.toZonedDateTimeISO("Asia/Kolkata");
  assert.equal(String(await value(pool, ctx, "$1::timestamptz", [zoned])), "2026-01-01T00:00:00.999999Z");
  const dates = (await value(pool, ctx, "$1::daterange", [
    new Range(PlainDate.from("2026-01-01"), null),
  ])) as Range<object>;
  assert.equal(String(dates.lower), "2026-01-01");
  await assert.rejects(value(pool, ctx, "$1::text", [Temporal.PlainYearMonth.from("2026-01")]), {
    reason: "sql/bad_argument",
  });
  const name = new URL(db.url).pathname.slice(1);
  await pool.exec(ctx, `alter database ${name} set intervalstyle to 'iso_8601'`);
  await using other = await openPool(ctx, postgres({ url: db.url, types: { temporal: Temporal } }));
  assert.equal(String(await value(other, ctx, "'1 day 01:00'::interval")), "P1DT1H");
});

databaseTest("json columns through schemas", async (ctx, db) => {
  const settings = z.object({ theme: z.enum(["dark", "light"]).default("light"), since: z.coerce.date().optional() });
  const slow = z.string().refine(() => Promise.resolve(true));
  const types = { json: { "users.settings": settings, "other.users.settings": z.string(), "users.slow": slow } };
  await using pool = await openPool(ctx, postgres({ url: db.url, types }), { maxConns: 1 });
  await pool.withConn(ctx, (ctx, session) =>
    session.script(
      ctx,
      "create table users (id int, settings jsonb, extra json, slow json); create schema other; create table other.users (settings json)",
    ),
  );
  await pool.exec(ctx, "insert into users values (1, $1, $2)", [{ since: "2026-01-01" }, { a: 1 }]);
  await pool.exec(ctx, "insert into other.users values ($1)", [json("x")]);
  const want = { settings: { theme: "light", since: new Date("2026-01-01") }, extra: { a: 1 } };
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await pool.one(ctx, "select u.settings, extra from users u"), want);
    assert.deepEqual(await pool.one(ctx, "select settings from other.users"), { settings: "x" });
  }
  // An expression is no column.
  assert.deepEqual(await pool.one(ctx, "select settings || '{}' as s from users"), { s: { since: "2026-01-01" } });
  await pool.exec(ctx, "update users set settings = $1, slow = $2", [{ theme: "pink" }, json("x")]);
  await assert.rejects(pool.many(ctx, "select settings from users"), {
    reason: "sql/unreadable_value",
    message: /users\.settings: theme: /,
  });
  await assert.rejects(pool.many(ctx, "select slow from users"), { message: /asynchronous/ });
  assert.equal(pool.stats().closedBroken, 0);
});

databaseTest("statements that share connections: many at once see a type first", async (ctx, db) => {
  const types = { numeric: DECIMAL, json: { "users.settings": z.object({ n: z.number() }) } };
  await using pool = await openPool(ctx, postgres({ url: db.url, types }), { maxConns: 3, pipeline: { lanes: 2 } });
  await pool.withConn(ctx, (ctx, session) =>
    session.script(
      ctx,
      "create type mood as enum ('sad'); create table users (settings jsonb, moods mood[], m numeric)",
    ),
  );
  const want = { settings: { n: 1 }, moods: ["sad"], m: new Big("1.5") };
  await pool.exec(ctx, "insert into users values ($1, $2, $3)", Object.values(want));
  for (let i = 0; i < 3; i++) {
    const some = Array.from({ length: 20 }, () => pool.one(ctx, "select * from users where m > $1", [new Big(1)]));
    for (const row of await Promise.all(some)) assert.deepEqual(row, want);
  }
});
