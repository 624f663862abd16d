import assert from "node:assert/strict";
import { test } from "node:test";
import { type Problem, formatProblem } from "./problem.ts";
import { parseQueryFile } from "./query-file.ts";

const file = "queries/a.sql";

test("parseQueryFile: queries with their documentation", () => {
  const text = `-- The file's own comment.

-- getUser is one user.
-- name: GetUser :one
-- It says more.
-- millrace:ignore seq-scan the table is small
select 1 -- one
from users;

-- Users of a page.
-- name: ListUsers :many
select ';' as "--" /* ; */
-- name: Touch :exec
update users set x = 1;
`;
  const problems: Problem[] = [];
  const queries = parseQueryFile({ file, text }, problems);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    queries.map(({ name, command, doc, ignores, tokens }) => ({
      name,
      command,
      doc,
      ignores: ignores.map(({ rule, reason }) => `${rule}: ${reason}`),
      sql: text.slice(tokens[0]!.start, tokens.at(-1)!.end),
    })),
    [
      {
        name: "GetUser",
        command: ":one",
        doc: ["getUser is one user.", "It says more."],
        ignores: ["seq-scan: the table is small"],
        sql: "select 1 -- one\nfrom users",
      },
      { name: "ListUsers", command: ":many", doc: ["Users of a page."], ignores: [], sql: `select ';' as "--"` },
      { name: "Touch", command: ":exec", doc: [], ignores: [], sql: "update users set x = 1" },
    ],
  );
});

const bad = [
  {
    name: "an unknown command",
    in: "-- name: A :ones\nselect 1;",
    want: ['1:1: unknown command ":ones": it is one of :one :maybe :many :exec :execrows :stream :copyfrom'],
  },
  {
    name: "no command",
    in: "-- name: A\nselect 1;",
    want: ["1:1: no command: it is one of :one :maybe :many :exec :execrows :stream :copyfrom"],
  },
  {
    name: "more than name and command",
    in: "-- name: A :one x\nselect 1;",
    want: ["1:1: an annotation is a name and a command, such as `-- name: GetUser :one`"],
  },
  {
    name: "a reserved word",
    in: "-- name: Delete :exec\ndelete from a;",
    want: ['1:1: "Delete" would be the function "delete", which is a reserved word'],
  },
  {
    name: "no statement",
    in: "-- name: A :one\n-- nothing\n;",
    want: ["1:1: there is no statement below this annotation"],
  },
  {
    name: "two statements",
    in: "-- name: A :one\nselect 1;\nselect 2;",
    want: ["3:1: a second statement: each has an annotation of its own"],
  },
  {
    name: "a statement before the first annotation",
    in: "select 1;\n-- name: A :one\nselect 1;",
    want: ["1:1: a statement without an annotation such as `-- name: GetUser :one`"],
  },
  {
    name: "a string without an end",
    in: "-- name: A :one\nselect 'x;\n",
    want: ["2:8: this does not end: a closing quote or */ is missing"],
  },
  {
    name: "an unknown rule",
    in: "-- name: A :one\n-- millrace:ignore seqscan small\nselect 1;",
    want: [
      '2:1: there is no rule "seqscan": it is one of seq-scan, many-without-limit, unindexed-foreign-key, no-where, select-star',
    ],
  },
  {
    name: "no reason",
    in: "-- name: A :one\n-- millrace:ignore seq-scan\nselect 1;",
    want: ["2:1: why is it ignored? -- millrace:ignore seq-scan the reason"],
  },
  {
    name: "several at once",
    in: "-- name: A :x\nselect 1;\n-- name: B :y\nselect 1;",
    want: ["1:1: unknown command", "3:1: unknown command"],
  },
];

for (const { name, in: text, want } of bad) {
  test(`parseQueryFile: refuses ${name}`, () => {
    const problems: Problem[] = [];
    parseQueryFile({ file, text }, problems);
    const lines = problems.map((problem) =>
      formatProblem(problem)
        .split("\n")[0]!
        .slice(file.length + 1),
    );
    assert.equal(lines.length, want.length, lines.join("\n"));
    for (const [i, line] of lines.entries()) assert.ok(line.startsWith(want[i]!), line);
  });
}
