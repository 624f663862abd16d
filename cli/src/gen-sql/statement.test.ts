import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "./problem.ts";
import { parseQueryFile } from "./query-file.ts";
import { type Statement, toStatement } from "./statement.ts";

function statementOf(sql: string): { statement: Statement; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const [query] = parseQueryFile({ file: "a.sql", text: `-- name: A :many\n${sql}` }, problems);
  return { statement: toStatement(query!, (relation) => `<${relation}>`, problems), problems };
}

const cases = [
  { name: "names become numbers", in: "select @b, @a, @b", want: "select $1, $2, $1", names: ["b", "a"] },
  { name: "sqlc.arg, also quoted", in: "select sqlc.arg(a), sqlc.arg('b')", want: "select $1, $2", names: ["a", "b"] },
  { name: "a cast", in: "select @a::int", want: "select $1::int", names: ["a"] },
  {
    name: "glued to an operator",
    in: "select 1 where x=@a and y>=@b",
    want: "select 1 where x=$1 and y>=$2",
    names: ["a", "b"],
  },
  { name: "glued to a word", in: "select 1 limit@a", want: "select 1 limit $1", names: ["a"] },
  {
    name: "operators with @",
    in: "select a @> b, a <@ b, a @@ b, a <@b, @ -5",
    want: "select a @> b, a <@ b, a @@ b, a <@b, @ -5",
    names: [],
  },
  {
    name: "strings, names and comments",
    in: `select '@a', "@b", $$ @c $$ -- @d\n, /* @e */ @f`,
    want: `select '@a', "@b", $$ @c $$ -- @d\n, /* @e */ $1`,
    names: ["f"],
  },
  { name: "a slice", in: "select 1 where a in (sqlc.slice(ids))", want: "select 1 where a = any($1)", names: ["ids"] },
  {
    name: "a slice that is excluded",
    in: "select 1 where a NOT IN ( sqlc.slice('ids') )",
    want: "select 1 where a <> all($1)",
    names: ["ids"],
  },
  {
    name: "a slice elsewhere",
    in: "select 1 where a = any(sqlc.slice(ids))",
    want: "select 1 where a = any($1)",
    names: ["ids"],
  },
  { name: "an embedded table", in: "select sqlc.embed(u), 1", want: "select\n  <u>, 1", names: [] },
  {
    name: "a claim",
    in: 'select a as "b!", c AS "d?", e as "f"',
    want: 'select a as "b", c AS "d", e as "f"',
    names: [],
  },
  { name: "numbers", in: "select $2, $1", want: "select $2, $1", names: [undefined, undefined] },
];

for (const { name, in: sql, want, names } of cases) {
  test(`toStatement: ${name}`, () => {
    const { statement, problems } = statementOf(sql);
    assert.deepEqual(problems, []);
    assert.equal(statement.sql, want);
    assert.deepEqual(
      statement.parameters.map((parameter) => parameter.name),
      names,
    );
  });
}

test("toStatement: narg is nullable wherever else the name is used, and a slice is known", () => {
  const { statement } = statementOf("select @a, sqlc.narg(a), sqlc.slice(b)");
  assert.deepEqual(
    statement.parameters.map(({ nullable, slice }) => [nullable, slice]),
    [
      [true, false],
      [false, true],
    ],
  );
});

test("toStatement: claims", () => {
  const { statement } = statementOf('select a as "b!", c as "d?"');
  assert.deepEqual(Array.from(statement.claims), [
    ["b", "not null"],
    ["d", "null"],
  ]);
});

test("toStatement: places lead back to the file", () => {
  const sql = "select 'é😀', @first, x in (sqlc.slice(ids)), nmae";
  const { statement } = statementOf(sql);
  const at = (text: string): number => "-- name: A :many\n".length + sql.indexOf(text);
  const characters = Array.from(statement.sql.slice(0, statement.sql.indexOf("nmae"))).length;
  assert.equal(statement.map.fromPosition(characters + 1), at("nmae"));
  const bytes = Buffer.byteLength(statement.sql.slice(0, statement.sql.indexOf("nmae")));
  assert.equal(statement.map.fromBytes(bytes), at("nmae"));
  assert.equal(statement.map.toSource(statement.sql.indexOf("$1") + 1), at("@first"));
});

const bad = [
  {
    name: "an unknown function",
    in: "select sqlc.argh(a)",
    want: "there is no sqlc.argh: it is one of arg, narg, slice, embed",
  },
  { name: "no name", in: "select sqlc.arg()", want: "this is written sqlc.arg(name)" },
  {
    name: "more in the list than the slice",
    in: "select 1 where a in (sqlc.slice(b), 1)",
    want: "sqlc.slice stands alone within IN (…)",
  },
  {
    name: "one value and a slice",
    in: "select @a, sqlc.slice(a)",
    want: '"a" is a slice in one place and one value in another',
  },
  { name: "names and numbers", in: "select @a, $2", want: "parameters have names or numbers in one query, not both" },
  { name: "a number too high", in: "select $65536", want: "the parameters are $1 to $65535" },
];

for (const { name, in: sql, want } of bad) {
  test(`toStatement: refuses ${name}`, () => {
    assert.deepEqual(
      statementOf(sql).problems.map(({ message }) => message),
      [want],
    );
  });
}
