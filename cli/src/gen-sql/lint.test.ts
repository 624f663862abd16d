import assert from "node:assert/strict";
import { after, test } from "node:test";
import { formatProblem } from "./problem.ts";
import { lint } from "./lint.ts";
import { firstLines, newGenerator } from "./testing/generator.ts";

const SCHEMA = `
create table users (id bigint primary key, email text not null unique, name text not null, at timestamptz not null);
create index on users (at);
create table posts (
  id bigint primary key,
  user_id bigint not null references users (id),
  editor_id bigint references users (id),
  title text not null
);
create index on posts (user_id, id);
create table notes (id bigint primary key, user_id bigint not null, body text not null);
create table pairs (a bigint, b bigint, primary key (b, a));
create table halves (id bigint primary key, a bigint, b bigint, foreign key (b, a) references pairs (b, a));
create index on halves (a, b);
-- millrace:ignore unindexed-foreign-key kinds.parent_id there are twenty kinds
create table kinds (id bigint primary key, parent_id bigint references kinds (id));
`;

const generator = await newGenerator(SCHEMA);
after(() => generator[Symbol.asyncDispose]());

// The rules that speak, of a query that stands in line 2.
const cases = [
  { name: "a lookup by a key", in: ":one select id from users where id = @id", want: [] },
  {
    name: "a lookup by an indexed column",
    in: ":many select id from users where at > @at order by at limit 10",
    want: [],
  },
  {
    name: "a page by a composite index",
    in: ":many select id from posts where user_id = @user_id order by id limit 9",
    want: [],
  },
  {
    name: "no index",
    in: ":one select id from users where name = @name limit 1",
    want: ["seq-scan: no index of users serves (name = $1)"],
  },
  {
    name: "an index that is not used by the expression",
    in: ":maybe select id from users where lower(email) = @email",
    want: ["seq-scan: no index of users serves (lower(email) = $1)"],
  },
  {
    name: "all by the order of an index",
    in: ":stream select id from users where name <> @name order by id",
    want: ["seq-scan: no index of users"],
  },
  {
    name: "the first by the order of an index",
    in: ":many select id from users where name <> @name order by id limit 3",
    want: [],
  },
  {
    name: "a join by a key",
    in: ":many select p.id from posts p join users u on u.id = p.user_id where p.user_id = @id limit 5",
    want: [],
  },
  {
    name: "a join without an index",
    in: ":many select n.id, u.name from users u join notes n on n.user_id = u.id where u.at > @at limit 5",
    want: ["seq-scan: no index of notes serves"],
  },
  { name: "a cross join", in: ":many select u.id, p.title from users u, posts p limit 5", want: [] },
  {
    name: "an update without an index",
    in: ":execrows update notes set body = @body where user_id = @user_id",
    want: ["seq-scan: no index of notes serves (user_id = $2)"],
  },
  { name: "a delete by a key", in: ":exec delete from notes where id = @id", want: [] },
  { name: "a table as a whole", in: ":one select count(*) as n from users", want: [] },
  {
    name: "many without a limit",
    in: ":many select id from posts where user_id = @id",
    want: ["many-without-limit: all rows"],
  },
  { name: "many by a stream", in: ":stream select id from posts where user_id = @id", want: [] },
  { name: "many from no table", in: ":many select n from generate_series(1, 3) n", want: [] },
  { name: "many by RETURNING", in: ":many delete from posts where user_id = @id returning id", want: [] },
  { name: "UPDATE of all", in: ":exec update users set name = @name", want: ["no-where: UPDATE changes every row"] },
  {
    name: "DELETE of all within WITH",
    in: ":one with gone as (delete from notes returning id) select count(*) as n from gone",
    want: ["no-where: DELETE removes every row"],
  },
  { name: "DELETE of all that is meant", in: ":exec delete from notes where true", want: [] },
  { name: "a star", in: ":one select * from users where id = @id", want: ["select-star: name the columns"] },
  {
    name: "a star in RETURNING",
    in: ":one insert into notes (id, user_id, body) values (@id, @user_id, @body) returning *",
    want: ["select-star: name the columns"],
  },
  { name: "a star within a subquery", in: ":one select id from (select * from users) u where id = @id", want: [] },
  { name: "a count of all", in: ":one select count(*) as n from users where id = @id", want: [] },
  { name: "an embedded table", in: ":one select sqlc.embed(users) from users where id = @id", want: [] },
  {
    name: "what is ignored",
    in: ":many select id from users where name = @name -- millrace:ignore seq-scan few\n-- millrace:ignore many-without-limit few\n",
    want: [],
  },
  {
    name: "nothing to ignore",
    in: ":one select id from users where id = @id -- millrace:ignore seq-scan few\n",
    want: ["seq-scan: there is nothing here to ignore"],
  },
];

for (const { name, in: query, want } of cases) {
  test(`lint: ${name}`, async () => {
    const [command, ...sql] = query.split(" ");
    const generated = await generator.generate(`-- name: Q ${command!}\n${sql.join(" ")};`);
    assert.deepEqual(firstLines(generated), []);
    const lines = firstLines({ problems: await lint(generated.models, [], generator.database) });
    assert.equal(lines.length, want.length, lines.join("\n"));
    for (const [i, line] of lines.entries()) {
      assert.ok(line.replace(/^queries\/q\.sql:\d+:\d+: /, "").startsWith(want[i]!), line);
    }
  });
}

test("lint: foreign keys without an index, where the migration names them", async () => {
  const source = { file: "00001_schema.sql", text: SCHEMA };
  const problems = await lint([], [source], generator.database);
  assert.deepEqual(problems.map(formatProblem), [
    `00001_schema.sql:7:3: unindexed-foreign-key: no index of posts begins with editor_id: deleting from users reads all of posts
  editor_id bigint references users (id),
  ^
`
      .replace("  editor_id", "    editor_id")
      .replace("  ^", "    ^"),
  ]);
});
