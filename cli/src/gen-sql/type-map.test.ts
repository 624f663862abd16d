import assert from "node:assert/strict";
import { after } from "node:test";
import { Multirange, Range } from "millrace/sql/postgres";
import { databaseTest } from "../../../millrace/src/sql/testing/database.ts";
import { firstLines, newGenerator } from "./testing/generator.ts";

const SCHEMA = `
create type mood as enum ('sad', 'ok');
create domain email as text;
create type place as (street text, mood mood, lines int8[]);`;
const generator = await newGenerator(SCHEMA);
after(() => generator[Symbol.asyncDispose]());

const VALUES = {
  bool: "true",
  int2: "1::int2",
  int4: "1",
  int8: "1::int8",
  oid: "1::oid",
  float4: "1::float4",
  float8: "1::float8",
  numeric: "1.50::numeric",
  money: "1::money",
  text: "'a'::text",
  varchar: "'a'::varchar(3)",
  bpchar: "'a'::char(3)",
  char: `'a'::"char"`,
  name: "'a'::name",
  uuid: "'00000000-0000-0000-0000-000000000001'::uuid",
  bytea: "'\\x00'::bytea",
  date: "'2026-01-02'::date",
  time: "'03:04'::time",
  timetz: "'03:04+01'::timetz",
  timestamp: "'2026-01-02'::timestamp",
  timestamptz: "'2026-01-02Z'::timestamptz",
  interval: "'1 day'::interval",
  inet: "'127.0.0.1'::inet",
  cidr: "'127.0.0.0/8'::cidr",
  macaddr: "'00:00:00:00:00:01'::macaddr",
  point: "'(1,2)'::point",
  box: "'(1,2),(0,0)'::box",
  bit: "B'1'",
  xml: "'<a/>'::xml",
  tsvector: "'a'::tsvector",
  pg_lsn: "'0/1'::pg_lsn",
  regclass: "'pg_class'::regclass",
  int2vector: "'1 2'::int2vector",
  record: "row(1, 'a')",
  mood: "'ok'::mood",
  email: "'a'::email",
  place: "row('a', 'ok', '{1}')::place",
  int4range: "int4range(1, 2)",
  tstzrange: "tstzrange('2026-01-01Z', '2026-01-02Z')",
  numrange: "numrange(1, 2)",
  datemultirange: "datemultirange(daterange('2026-01-01', '2026-01-02'))",
};
// What has no array, or an array that is a pseudo-type; xml is not built into every server.
const NO_ARRAY = new Set(["record", "int2vector"]);

databaseTest("the driver gives what the generated types say", async (ctx, db) => {
  const pool = await db.open();
  for (const statement of SCHEMA.split(";").filter((text) => text.trim() !== "")) await pool.exec(ctx, statement);
  const columns = Object.entries(VALUES).flatMap(([name, value]) => [
    `${value} as "${name}!"`,
    ...(NO_ARRAY.has(name) ? [] : [`array[${value}] as "${name}s!"`]),
  ]);
  const generated = await generator.generate(`-- name: All :one\nselect ${columns.join(",\n")};\n`);
  assert.deepEqual(firstLines(generated), []);
  const rows = /interface AllRow \{\n([^]*?)\}/.exec(generated.files.get("q.ts")!)![1]!;
  const said = Object.fromEntries(
    Array.from(rows.matchAll(/readonly (\w+): (.*);/g), (match) => [match[1]!, match[2]!]),
  );

  const row = await pool.one(ctx, `select ${columns.join(", ").replaceAll('!"', '"')}`);
  for (const [key, value] of Object.entries(row)) {
    assert.equal(typeText(value), said[key]!.replace("Mood", "string"), key);
  }
  assert.match(
    generated.files.get("schema.ts")!,
    /readonly street: string \| null;\n.*mood: Mood \| null;\n.*lines: \(bigint \| null\)\[\] \| null;/,
  );
});

// The type of a value as the generator writes it; of an object it is the composite.
function typeText(value: unknown): string {
  if (Array.isArray(value)) {
    const element = typeText(value[0]);
    return `(${element} | null)[]`;
  }
  if (value instanceof Range) return `Range<${typeText(value.lower)}>`;
  if (value instanceof Multirange) return `Multirange<${typeText(value.ranges[0]?.lower)}>`;
  if (Buffer.isBuffer(value)) return "Buffer";
  if (value instanceof Date) return "Date";
  if (typeof value !== "object" || value === null) return typeof value;
  assert.deepEqual(value, { street: "a", mood: "ok", lines: [1n] });
  return "Place";
}
