import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parse } from "libpg-query";
import { columnsOf, readCatalog } from "./index.ts";
import { openPglite } from "./testing/pglite.ts";

const SCHEMA = `

create table users (id int primary key, email text not null, name text, doc jsonb not null);
create table checked (id int generated always as identity, twice int generated always as (1 + 1) stored, v int not null);
create domain filled as text not null;
create table odd (d filled, e filled not null);
create table parent (a int);
create table child () inherits (parent);
alter table parent add constraint own not null a no inherit;
create table late (a int);
insert into late values (null);
alter table late add constraint soon not null a not valid;
create table parts (k int not null, v text not null) partition by list (k);
create table part1 partition of parts for values in (1);
create view named as select id, name, doc from users where name is not null;
create view outside as select named.name, count(*) from named right join users using (id) group by named.name;
create view above as select * from outside where name > 'a';
create materialized view stored as select id, email, count(*) as n from users group by id;
create recursive view numbers (n) as select 1 union all select n + 1 from numbers where n < 5;
create function pairs() returns table (a int, b text) language sql as 'select 1, null';
create function everyone() returns setof users language sql as 'select * from users';
create function lower(jsonb) returns text language sql as 'select null::text';
create type money_of as (amount int);
create function to_money(int) returns money_of language sql as 'select null::money_of';
create cast (int as money_of) with function to_money(int);
create function never(int4, jsonb) returns bool language sql as 'select null::bool';
create operator = (leftarg = int4, rightarg = jsonb, function = never);
create domain document as jsonb;
create schema hidden;
create table hidden.secret (id int not null);
`;

let db: Awaited<ReturnType<typeof openPglite>>;
before(async () => {
  db = await openPglite();
  for (const statement of SCHEMA.trim().split(";\n")) await db.run(statement);
});
after(() => db[Symbol.asyncDispose]());

const CASES: readonly (readonly [sql: string, want: string])[] = [
  ["select * from users", "id! email! name? doc!"],
  ["select * from checked", "id! twice? v!"],
  // A domain's NOT NULL lets the null of an empty subquery in.
  ["select * from odd", "d? e!"],
  ["select * from parent", "a?"],
  ["select * from late", "a?"],
  ["select * from parts", "k! v!"],
  ["select * from named", "id! name! doc!"],
  ["select * from outside", "name? count!"],
  ["select * from above", "name! count!"],
  // Its rows may be older than the constraints.
  ["select * from stored", "id? email? n!"],
  ["select * from numbers", "n!"],
  ["insert into named values (1, null, '{}') returning name", "name?"],
  ["select * from pairs()", "a? b?"],
  ["select * from everyone()", "id? email? name? doc?"],
  ["select p.a, e.email from pairs() p, everyone() e", "a? email?"],
  ["select lower('x'), upper('x')", "lower? upper!"],
  ["select 1::money_of as m, 1::int8 as i", "m? i!"],
  ["select id = 1 as a, id = doc as b, id = 'x' as c, id <> 1 as d from users", "a! b? c? d!"],
  ["select doc::document::int as d from users", "d?"],
  ["select id from hidden.secret", "id!"],
  ["select * from jsonb_each('{}'), unnest(array[1]) u, jsonb_array_elements('[]') e", "key! value! u? value!"],
];

test("readCatalog: what a database declares", async (t) => {
  const catalog = await readCatalog(async (text) => {
    const { names, rows } = await db.run(text);
    return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
  });
  assert.deepEqual(JSON.parse(JSON.stringify(catalog)), catalog, "it is plain data");
  for (const [sql, want] of CASES) {
    await t.test(sql, async () => {
      const columns = columnsOf((await parse(sql)).stmts![0]!.stmt!, catalog);
      assert.equal(columns?.map(({ name, notNull }) => name + (notNull ? "!" : "?")).join(" "), want);
    });
  }
});

test("a domain's NOT NULL is no proof", async () => {
  await db.run("insert into odd (d, e) values ((select d from odd where false), 'x')");
  const { rows } = await db.run("select d from odd");
  assert.deepEqual(rows, [[null]]);
});
