import assert from "node:assert/strict";
import { after, test } from "node:test";
import { firstLines, newGenerator } from "./testing/generator.ts";

const generator = await newGenerator(`
create type mood as enum ('sad', 'ok');
create domain email as text;
create table users (
  id bigint primary key, email email not null, mood mood, moods mood[], tags text[] not null, data jsonb, at timestamptz not null,
  total numeric, gen int generated always as (1) stored
);
create table posts (id int primary key, user_id bigint not null references users (id), title text not null);
create view recent as select id, title from posts;
create type address as (street text, mood mood, lines int[]);
create table places (id int primary key, at address not null, days daterange not null, spans int8multirange);
create schema billing;
create table billing.invoices (id int primary key, total numeric not null);
`);
after(() => generator[Symbol.asyncDispose]());

const problems = [
  {
    name: "an unknown column",
    in: "-- name: A :one\nselect 'é', nmae from users;",
    want: ['2:13: column "nmae" does not exist'],
  },
  {
    name: "an unknown table",
    in: "-- name: A :one\nselect 1 as a from nope;",
    want: ['2:20: relation "nope" does not exist'],
  },
  {
    name: "a syntax error",
    in: "-- name: A :one\nselect @é as a, frm x y;",
    want: ['2:23: syntax error at or near "y"'],
  },
  {
    name: "a syntax error behind a parameter",
    in: "-- name: A :one\nselect id from users where id = @a_long_name limit from;",
    want: ['2:52: syntax error at or near "from"'],
  },
  {
    name: "a parameter of two types",
    in: "-- name: A :one\nselect id from users where email = @x::text and at = @x;",
    want: ["2:52: operator does not exist: timestamp with time zone = text"],
  },
  {
    name: "a parameter that is stored as two types",
    in: "-- name: A :exec\ninsert into posts (id, user_id, title) values (@x, 1, @x);",
    want: [
      "2:55: inconsistent types deduced for parameter @x; integer versus text; cast it where it is used: @name::text",
    ],
  },
  {
    name: "a parameter without a type",
    in: "-- name: A :many\nselect id from users where @x is null;",
    want: ["2:28: could not determine data type of parameter @x"],
  },
  {
    name: "a column without a name",
    in: "-- name: A :one\nselect id, id + 1 from users;",
    want: ["2:12: a column without a name: give it one with AS"],
  },
  {
    name: "two columns of one name",
    in: "-- name: A :one\nselect u.id, p.id from users u, posts p;",
    want: ['2:14: two columns would be "id": name one with AS'],
  },
  {
    name: "two columns of one key",
    in: '-- name: A :one\nselect 1 as a_b, 2 as "aB";',
    want: ['2:18: two columns would be "aB": name one with AS'],
  },
  {
    name: "two parameters of one key",
    in: "-- name: A :one\nselect @a_b::int as x, @aB::int as y;",
    want: ['2:24: two parameters would be "aB"'],
  },
  {
    name: "no rows for :one",
    in: "-- name: A :one\nupdate posts set id = 1;",
    want: ["1:1: :one needs a statement that returns rows: SELECT, or RETURNING"],
  },
  {
    name: "two queries of one name",
    in: "-- name: GetA :one\nselect 1 as a;\n-- name: getA :one\nselect 1 as a;",
    want: ['3:1: "getA" is the name of another query above'],
  },
  {
    name: "an embedded table that is not there",
    in: "-- name: A :one\nselect sqlc.embed(x) from users u;",
    want: ['2:8: sqlc.embed takes a table of FROM, and "x" is none'],
  },
  {
    name: "an embedded CTE",
    in: "-- name: A :one\nwith x as (select 1 as a) select sqlc.embed(x) from x;",
    want: ['2:34: sqlc.embed takes a table of FROM, and "x" is none'],
  },
  {
    name: "an embedded table and a column of one name",
    in: "-- name: A :one\nselect 1 as post, sqlc.embed(posts) from posts;",
    want: ['2:19: two fields would be "post"'],
  },
  {
    name: ":copyfrom of a SELECT",
    in: "-- name: A :copyfrom\ninsert into posts (id) select 1;",
    want: ["2:1: :copyfrom is written"],
  },
  {
    name: ":copyfrom with ON CONFLICT",
    in: "-- name: A :copyfrom\ninsert into posts (id, user_id, title) values ($1, $2, $3) on conflict do nothing;",
    want: ["2:60: :copyfrom is written"],
  },
  {
    name: ":copyfrom with an expression",
    in: "-- name: A :copyfrom\ninsert into posts (id, user_id, title) values ($1, $2, lower($3));",
    want: ["2:1: :copyfrom is written"],
  },
  {
    name: ":copyfrom with RETURNING",
    in: "-- name: A :copyfrom\ninsert into posts (id) values ($1) returning id;",
    want: ["2:1: :copyfrom is written"],
  },
  {
    name: ":copyfrom of a generated column",
    in: "-- name: A :copyfrom\ninsert into users (id, gen) values ($1, $2);",
    want: ['2:1: cannot insert a non-DEFAULT value into column "gen"'],
  },
  {
    name: "all at once",
    in: "-- name: A :one\nselect x;\n-- name: B :ones\nselect 1;\n-- name: C :one\nselect y;",
    want: ["2:8:", "3:1:", "6:8:"],
  },
];

for (const { name, in: text, want } of problems) {
  test(`generate: refuses ${name}`, async () => {
    const lines = firstLines(await generator.generate(text));
    assert.equal(lines.length, want.length, lines.join("\n"));
    for (const [i, line] of lines.entries()) assert.ok(line.startsWith(`queries/q.sql:${want[i]!}`), line);
  });
}

const shapes = [
  {
    name: "a number that may be null",
    in: "select id, mood from users where id = $1",
    want: ["readonly id: bigint | number;", "readonly id: bigint;", "readonly mood: Mood | null;"],
  },
  {
    name: "limit and offset",
    in: "select id from users order by id limit $1 offset $2",
    want: ["readonly limit: bigint | number;", "readonly offset: bigint | number;"],
  },
  { name: "a plain parameter without a column", in: "select $1::int as a", want: ["readonly arg1: number;"] },
  {
    name: "two plain parameters of one column",
    in: "select id from users where id between $1 and $2",
    want: ["readonly id: bigint | number;", "readonly id2: bigint | number;"],
  },
  {
    name: "a column that may be null takes null",
    in: "insert into users (id, mood, moods, tags, data, total) values (@id, @mood, @moods, @tags, @data, @total) returning id",
    want: [
      "readonly mood: Mood | null;",
      "readonly moods: readonly (Mood | null)[] | null;",
      "readonly tags: readonly (string | null)[];",
      "readonly data: unknown;",
      "readonly total: string | null;",
      "args.data === null ? null : JSON.stringify(args.data)",
    ],
  },
  { name: "a comparison takes none", in: "select id from users where mood = @mood", want: ["readonly mood: Mood;"] },
  {
    name: "arrays",
    in: "select moods, tags from users",
    want: ["readonly moods: (Mood | null)[] | null;", "readonly tags: (string | null)[];"],
  },
  { name: "a domain", in: "select email from users where email = @email", want: ["readonly email: string;"] },
  {
    name: "a join that may leave out",
    in: "select p.id, u.email from posts p left join users u on u.id = p.user_id",
    want: ["readonly email: string | null;"],
  },
  { name: "a claim", in: 'select count(*) as "n!" from users', want: ["readonly n: bigint;", 'count(*) as "n" from'] },
  {
    name: "an inner join below an outer one",
    in: "select p.id, u.email, q.title from posts p join users u on u.id = p.user_id left join posts q on q.id = 1",
    want: ["readonly email: string;", "readonly title: string | null;"],
  },
  {
    name: "an expression",
    in: "select count(*) as n, coalesce(max(total), 0) as most, min(total) as least from users",
    want: ["readonly n: bigint;", "readonly most: string;", "readonly least: string | null;"],
  },
  {
    name: "an argument that is returned",
    in: "select @a::int as a, sqlc.narg(b)::int as b",
    want: ["readonly a: number;\n  readonly b: number | null;"],
  },
  {
    name: "what WHERE makes sure of",
    in: "select total from users where total is not null",
    want: ["readonly total: string;"],
  },
  {
    name: "an embedded table that WHERE makes sure of",
    in: "select sqlc.embed(u) from posts p left join users u on u.id = p.user_id where u.id = 3",
    want: ["readonly u: User;"],
  },
  {
    name: "an embedded table that may be left out",
    in: "select sqlc.embed(u) from posts p left join users u on u.id = p.user_id",
    want: ["readonly u: User | null;", '"u.id": bigint | null;', '"u.email": string;'],
  },
  { name: "a claim that it may be null", in: 'select id as "id?" from users', want: ["readonly id: bigint | null;"] },
  { name: "a column that needs quotes", in: 'select 1 as "a b"', want: ['readonly "a b": '] },
  { name: "an embedded view", in: "select sqlc.embed(r) from recent r", want: ["readonly r: Recent;"] },
  {
    name: "a table of another schema",
    in: "select sqlc.embed(invoices) from billing.invoices",
    want: ["readonly invoice: BillingInvoice;"],
  },
  { name: "backquotes and placeholders", in: "select '`${x}\\' as a", want: ["'\\`\\${x}\\\\' as a"] },
];

for (const { name, in: sql, want } of shapes) {
  test(`generate: ${name}`, async () => {
    const generated = await generator.generate(`-- name: A :many\n${sql};`);
    assert.deepEqual(firstLines(generated), []);
    const text = generated.files.get("q.ts")!;
    for (const line of want) assert.ok(text.includes(line), `${line}\nis not in\n${text}`);
  });
}

test("generate: :copyfrom of a table of another schema", async () => {
  const generated = await generator.generate(
    "-- name: A :copyfrom\ninsert into billing.invoices values (@id, @total);",
  );
  assert.deepEqual(firstLines(generated), []);
  const text = generated.files.get("q.ts")!;
  assert.match(text, /return db\.copyFrom\(ctx, \["billing", "invoices"\], \["id", "total"\], aValues\(rows\)\);/);
});

test("generate: overrides of columns and types", async () => {
  const money = { type: "Money", from: "../money.ts", parse: "parseMoney", format: "formatMoney" };
  const overrides = {
    columns: { "users.total": money, "billing.invoices.total": { type: "Total", from: "totals" } },
    types: { email: { type: "Email", from: "../email.ts" }, numeric: { type: "string" } },
  };
  const text = `
-- name: A :many
select id, email, total from users where email = @email and (total > @total or id = 1);
-- name: B :one
select sqlc.embed(users), i.total from users join billing.invoices i on i.id = users.id;
-- name: C :exec
update users set total = @total where email in (sqlc.slice(emails));`;
  const generated = await generator.generate(text, overrides);
  assert.deepEqual(firstLines(generated), []);
  const q = generated.files.get("q.ts")!;
  for (const line of [
    'import type { Total } from "totals";',
    'import type { Email } from "../email.ts";',
    'import { type Money, formatMoney, parseMoney } from "../money.ts";',
    "  readonly email: Email;\n",
    "[args.email, formatMoney(args.total)]",
    "    total: row.total === null ? null : parseMoney(row.total),",
    '      total: row["users.total"] === null ? null : parseMoney(row["users.total"]),',
    "  readonly total: Total;",
    "[args.total === null ? null : formatMoney(args.total), args.emails]",
    "  readonly emails: readonly Email[];",
  ]) {
    assert.ok(q.includes(line), `${line}\nis not in\n${q}`);
  }
  assert.match(generated.files.get("schema.ts")!, /readonly total: Money \| null;/);
});
