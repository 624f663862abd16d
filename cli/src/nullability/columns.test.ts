import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parse } from "libpg-query";
import { type Parameter, columnsOf } from "./index.ts";
import { CATALOG } from "./testing/catalog.ts";

// What a column can be: "name!" is never null, "name?" may be.
async function claims(sql: string): Promise<string | undefined> {
  const parameters: Parameter[] = [{ type: "text", notNull: true }];
  const columns = columnsOf((await parse(sql)).stmts![0]!.stmt!, CATALOG, parameters);
  return columns?.map(({ name, notNull }) => name + (notNull ? "!" : "?")).join(" ");
}

// [the statement, or an expression over "users u left join posts p", what is expected]
type Case = readonly [sql: string, want: string | undefined];

const STATEMENTS: Readonly<Record<string, readonly Case[]>> = {
  select: [
    ["select * from users", "id! email! name? boss? at! meta! tags!"],
    ["select u.id, u.* from users u (x)", "id? x! email! name? boss? at! meta! tags!"],
    ["table loose", "a? b?"],
    ["select price from shop.items", "price!"],
    ["select price from items", "price?"],
    ["select * from items", undefined],
    ["select *, 1 as one from nowhere", undefined],
    ["select x, 1 as one from nowhere", "x? one!"],
    ["select ctid, tableoid from users", "ctid! tableoid!"],
    ["select ctid from seen", "ctid?"],
    ["select users from users", "users!"],
    ["select (users).name, (users).* from users", undefined],
    ["select 1 limit 0", "?column?!"],
    ["select id from users tablesample system (10)", "id!"],
    ["select distinct on (id) id, name from users", "id! name?"],
    ["create table t (a int)", undefined],
  ],
  where: [
    ["select name, boss from users where name is not null", "name! boss?"],
    ["select name, boss from users where name = 'x' and boss > 1", "name! boss!"],
    ["select name, boss from users where name = 'x' or boss > 1", "name? boss?"],
    ["select name from users where name = 'x' or length(name) > 1", "name!"],
    ["select name from users where not (name is null)", "name!"],
    ["select name, boss from users where not (name = 'x' or boss = 1)", "name! boss!"],
    ["select name, boss from users where not (name = 'x' and boss = 1)", "name? boss?"],
    ["select boss from users where boss in (1, 2)", "boss!"],
    ["select boss from users where boss not in (1, 2)", "boss!"],
    ["select boss from users where boss between 1 and 2", "boss!"],
    ["select boss from users where boss = any ($1)", "boss!"],
    ["select boss from users where not boss = any ($1)", "boss?"],
    ["select boss from users where boss <> all ($1)", "boss?"],
    ["select boss from users where boss in (select 1)", "boss!"],
    ["select boss from users where boss not in (select 1)", "boss?"],
    ["select name from users where name like 'a%'", "name!"],
    ["select name from users where name is distinct from null", "name!"],
    ["select name from users where name is distinct from 'a'", "name?"],
    ["select name from users where name is not distinct from email", "name!"],
    ["select name from users where (name = 'a') is true", "name!"],
    ["select name from users where (name = 'a') is not true", "name?"],
    ["select name from users where (name = 'a') is not unknown", "name!"],
    ["select name from users where coalesce(name, 'a') = 'a'", "name?"],
    ["select name from users where name || 'x' = 'ax'", "name!"],
    ["select tags from (select null::text[] as tags) t where tags || 'x'::text = '{x}'", "tags?"],
    ["select name from users where name <=> 'x'", "name?"],
    ["select a, b from loose where (a, b) = (1, 'x')", "a! b!"],
    ["select a, b from loose where (a, b) < (1, 'x')", "a? b?"],
    ["select a, b from loose where (a, b) in ((1, 'x'))", "a! b!"],
    ["select name from users where case when name = 'x' then true end", "name?"],
    ["select name from users where exists (select where name = 'x')", "name?"],
  ],
  joins: [
    ["select u.id, p.id from users u join posts p on true", "id! id!"],
    ["select u.id, p.id from users u left join posts p on true", "id! id?"],
    ["select u.id, p.id from users u right join posts p on true", "id? id!"],
    ["select u.id, p.id from users u full join posts p on true", "id? id?"],
    ["select u.id, p.id from users u cross join posts p", "id! id!"],
    ["select l.* from loose l join users u on u.id = l.a and l.b is not null", "a! b!"],
    ["select l.* from loose l left join users u on u.id = l.a", "a? b?"],
    // What an inner join proves, a later outer join takes back.
    ["select l.* from loose l join users u on u.id = l.a right join posts p on true", "a? b?"],
    ["select l.* from users u left join (loose l join posts p on p.id = l.a) on true", "a? b?"],
    ["select l.a, p.id from users u left join (loose l join posts p on p.id = l.a) on true where p.id > 0", "a! id!"],
    // A row that is there has all its columns, and its join's condition held.
    ["select p.title, p.body from users u left join posts p on p.user_id = u.id where p.id > 0", "title! body?"],
    ["select u.name from users u left join posts p on p.title = u.name where p.id > 0", "name!"],
    [
      "select a.id, b.id from users a left join users b on b.id = a.boss left join posts p on p.user_id = b.id where p.id is not null",
      "id! id!",
    ],
    ["select p.title from users u left join posts p on p.user_id = u.id where p is not null", "title!"],
    ["select p.title from users u left join posts p on p.user_id = u.id where p.id is null", "title?"],
    ["select p, u from users u left join posts p on true", "p? u!"],
    ["select id from users left join posts using (id)", "id!"],
    ["select id from users right join posts using (id)", "id!"],
    ["select id, users.id, posts.id from users full join posts using (id)", "id! id? id?"],
    ["select * from loose full join (select 1 as a) x using (a)", "a? b?"],
    ["select * from loose join (select 1 as a) x using (a)", "a! b?"],
    ["select * from loose natural join (select 1 as a, 2 as c) x", "a! b? c!"],
    ["select * from (loose join (select 1 as a) x using (a)) as j (k)", "k! b?"],
    ["select j.a from loose join (select 1 as a) x using (a) as j", "a!"],
  ],
  from: [
    ["select * from (select 1 as a, null as b) x", "a! b?"],
    ["select * from (values (1, 'a'), (2, null)) v", "column1! column2?"],
    ["select * from (values (1, 'a'), (2, null)) v (x, y)", "x! y?"],
    ["select l.* from users u, lateral (select u.id, u.name) l", "id! name?"],
    ["select l.* from users u left join lateral (select u.id) l on true", "id?"],
    ["select l.* from users u left join lateral (select count(*) from posts) l on true", "count?"],
    ["select * from generate_series(1, 3)", "generate_series!"],
    ["select * from generate_series(1, 3) with ordinality as g (n, o)", "n! o!"],
    ["select * from unnest(array[1]) n", "n?"],
    ["select * from rows from (generate_series(1, 3), generate_series(1, 2)) as r (a, b)", "a? b?"],
    ["select * from jsonb_each('{}')", "key! value!"],
    ["select * from split('a')", "head? tail?"],
    ["select * from upper('a')", "upper!"],
    ["select * from mystery(1)", undefined],
    ["select * from mystery(1) as m (a int, b text)", "a? b?"],
    ["select * from json_table('[]', '$[*]' columns (n for ordinality, a int)) j", "n? a?"],
    ["select id, n from seen", "id! n!"],
  ],
  groups: [
    [
      "select count(*), count(name), sum(id), max(email), array_agg(name) from users",
      "count! count! sum? max? array_agg?",
    ],
    [
      "select name, count(*), sum(id), max(name), array_agg(name) from users group by name",
      "name? count! sum! max? array_agg!",
    ],
    [
      "select sum(id) filter (where boss = 1), count(*) filter (where boss = 1) from users group by name",
      "sum? count!",
    ],
    [
      "select stddev_samp(id), percentile_cont(0.5) within group (order by id) from users group by name",
      "stddev_samp? percentile_cont?",
    ],
    ["select id, email, count(*), sum(id) from users group by rollup (id, email)", "id? email? count! sum?"],
    ["select id, email, sum(id) from users group by id, rollup (email)", "id! email? sum!"],
    ["select id, email, sum(id) from users group by grouping sets ((id, email), id)", "id! email? sum!"],
    ["select id, grouping(id) from users group by grouping sets (id, ())", "id? grouping!"],
    ["select email as e, 'x' as k from users group by cube (e, 2)", "e? k?"],
    ["select name from users group by name having name is not null", "name!"],
    ["select case when name is not null then sum(boss) end, sum(1) from users group by name", "case? sum!"],
  ],
  windows: [
    [
      "select row_number() over (), rank() over (), lag(id) over (), lag(id, 1, 0) over () from users",
      "row_number! rank! lag? lag!",
    ],
    ["select sum(id) over (), sum(boss) over (), count(boss) over () from users", "sum! sum? count!"],
    ["select sum(id) over (order by id rows 2 preceding) from users", "sum!"],
    ["select sum(id) over (order by id rows between 2 preceding and 1 preceding) from users", "sum?"],
    ["select sum(id) over (rows between current row and unbounded following exclude current row) from users", "sum?"],
    [
      "select sum(id) over w, sum(id) over v from users window w as (), v as (rows between 1 following and 2 following)",
      "sum! sum?",
    ],
    ["select first_value(id) over (), nth_value(id, 2) over () from users", "first_value! nth_value?"],
    ["select case when boss is not null then lag(boss, 1, 0) over () else 0 end from users", "case?"],
  ],
  sets: [
    ["select id, name from users union select 1, 'x'", "id! name?"],
    ["select name, id from users intersect select 'x', boss from users", "name! id!"],
    ["select id, name from users except select null, 'x'", "id! name?"],
    ["values (1, null), (2, 3)", "column1! column2?"],
    ["(select 1 as a limit 1) union all select null", "a?"],
  ],
  ctes: [
    ["with w as (select id, name from users) select * from w", "id! name?"],
    ["with w (a) as (select id, name from users) select w.a, w.name from w", "a! name?"],
    ["with recursive r as (select 1 as n union all select n + 1 from r where n < 9) select n from r", "n!"],
    ["with recursive r as (select 1 as n, 2 as m union all select m, null from r) select * from r", "n? m?"],
    ["with recursive a as (select * from users), users as (select null as id) select id from a", "id?"],
    ["with users as (select null as id) select id from users", "id?"],
    ["with w as (select 1 as a) select x.a, y.a from w x left join w y on true where x.a = 1", "a! a?"],
    ["with w as (insert into loose values (1) returning a, 1 as one) select * from w", "a? one!"],
  ],
  writes: [
    ["insert into users default values returning *", "id! email! name? boss? at! meta! tags!"],
    ["insert into loose values (1, 'x') returning a, old.a, new.a", "a? a? a?"],
    [
      "insert into posts values (1) on conflict (id) do update set title = 'x' returning old.title, new.title",
      "title? title!",
    ],
    ["update users set name = null where name is not null returning name, old.id, new.id", "name? id! id!"],
    ["update posts set title = l.b from loose l where l.a = posts.id returning l.a, l.b, title", "a! b? title!"],
    [
      "update posts set title = 'x' from users u left join loose l on true returning *",
      "id! user_id! title! body? id! email! name? boss? at! meta! tags! a? b?",
    ],
    ["delete from users where name = 'x' returning name, new.id, old.id", "name! id? id!"],
    ["delete from seen returning id", "id?"],
    [
      "merge into posts p using users u on p.id = u.id when matched then delete returning merge_action(), u.id, p.id, new.id",
      "merge_action! id! id! id?",
    ],
    [
      "merge into posts p using users u on p.id = u.id when not matched by source then delete returning u.id, p.id",
      "id? id!",
    ],
    ["update users u set name = 'x' returning with (old as o) o.id, u.id", "id! id!"],
    ["delete from users", ""],
  ],
};

const EXPRESSIONS: readonly Case[] = [
  ["u.id + 1", "!"],
  ["u.boss + 1", "?"],
  ["null", "?"],
  ["$1", "!"],
  ["$2", "?"],
  ["coalesce(name, $1)", "!"],
  ["coalesce(name, body)", "?"],
  ["greatest(boss, 1)", "!"],
  ["nullif(u.id, 1)", "?"],
  ["name is null", "!"],
  ["(name = 'x') is true", "!"],
  ["name is distinct from body", "!"],
  ["name = 'x' and true", "?"],
  ["email = 'x' and u.id > 1", "!"],
  ["case when boss = 1 then 1 else 2 end", "!"],
  ["case when boss = 1 then 1 end", "?"],
  ["case when name is null then 'x' else name end", "!"],
  ["case when name is not null then name else 'x' end", "!"],
  ["case when name is null or body is null then 'x' else name || body end", "!"],
  ["case when p.id is not null then p.title else '' end", "!"],
  ["case boss when 1 then boss else 0 end", "!"],
  ["case when name is null then name else 'x' end", "?"],
  ["lower(email)", "!"],
  ["lower(name)", "?"],
  ["lower((select range from shop.items limit 1))", "?"],
  ["lower(int4range(1, null))", "?"],
  ["initcap(email)", "?"],
  ["pg_catalog.initcap(email)", "!"],
  ["mystery(email)", "?"],
  ["concat(name, body)", "!"],
  ["concat(variadic tags)", "?"],
  ["concat_ws(name, 'x')", "?"],
  ["format('%s', name)", "!"],
  ["substring(email from 1 for 2)", "!"],
  ["substring(email from 'a')", "?"],
  ["regexp_match(email, 'a')", "?"],
  ["to_char(at, 'YYYY')", "?"],
  ["to_char(u.id, '9')", "!"],
  ["extract(year from at)", "!"],
  ["extract(month from at)", "?"],
  ["at at time zone 'utc'", "!"],
  ["at::date", "!"],
  ["at::time", "?"],
  ["array_length(tags, 1)", "?"],
  ["cardinality(tags)", "!"],
  ["tags[1]", "?"],
  ["meta->'a'", "?"],
  ["meta->>'a'", "?"],
  ["meta::int", "?"],
  ["meta::text", "!"],
  ["(meta->>'a')::int", "?"],
  ["u.id::numeric", "!"],
  ["email::short", "!"],
  ["name::short", "?"],
  ["meta::document::int", "?"],
  ["email::shop.coins", "?"],
  ["email operator(shop.=) 'x'", "?"],
  ["email <=> 'x'", "?"],
  ['email collate "C"', "!"],
  ["u.id in (1, 2)", "!"],
  ["u.id in (1, null)", "?"],
  ["u.id = any (tags)", "?"],
  ["u.id = any (array[1, 2])", "!"],
  ["(u.id, boss) = (1, 2)", "?"],
  ["(u.id, email) = (1, 'x')", "!"],
  ["row(name)", "!"],
  ["array[name]", "!"],
  ["array(select name)", "!"],
  ["exists (select name)", "!"],
  ["u.id in (select id from posts)", "!"],
  ["u.id in (select a from loose)", "?"],
  ["u.id > all (select id from posts)", "!"],
  ["(select 1)", "!"],
  ["(select name)", "?"],
  ["(select 1 limit 0)", "?"],
  ["(select 1 from posts)", "?"],
  ["(select count(*) from posts)", "!"],
  ["(select count(*) from posts q where q.user_id = u.id)", "!"],
  ["(select count(*) from posts q group by q.title)", "?"],
  ["(select count(*) from posts having false)", "?"],
  ["(select coalesce(max(q.id), 0) from posts q)", "!"],
  ["(select max(q.id) from posts q)", "?"],
  // These aggregates are those of the query outside: the inner one has a row per row.
  ["(select count(u.id) from posts q)", "?"],
  ["(select count(u.id) from posts q where false)", "?"],
  ["(select count(u.id + q.id) from posts q)", "!"],
  ["(values (1))", "!"],
  ["(select generate_series(1, 0))", "?"],
  ["(select coalesce(boss, 1) union select 1)", "!"],
  ["current_date", "!"],
  ["current_schema", "?"],
  ["json_object('a': name)", "!"],
  ["json_array(name)", "!"],
  ["json_array(select name)", "?"],
  ["name is json", "?"],
  ["json_value(meta, '$.a')", "?"],
  ["xmlconcat(null)", "?"],
  ["generate_series(1, 2)", "?"],
  ["p.title", "?"],
  ["p.nothing", "?"],
  ["exists (select p.title)", "!"],
];

for (const [name, cases] of Object.entries(STATEMENTS)) {
  suite(`columnsOf: ${name}`, () => {
    for (const [sql, want] of cases) test(sql, async () => assert.equal(await claims(sql), want));
  });
}

suite("columnsOf: expressions", () => {
  for (const [sql, want] of EXPRESSIONS) {
    test(sql, async () => {
      const found = await claims(`select ${sql} as x from users u left join posts p on p.user_id = u.id`);
      assert.equal(found, `x${want}`);
    });
  }
});

test("columnsOf: a column says whether its relation's row is there", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["users u left join posts p on true", "body? name!"],
    ["users u left join posts p on true where p.id = 1", "body! name!"],
    ["users u right join posts p on true", "body! name?"],
    ["users u left join posts p on true where p.body = 'x'", "body! name!"],
  ];
  for (const [from, want] of cases) {
    const { stmts } = await parse(`select p.body, u.name from ${from}`);
    const found = columnsOf(stmts![0]!.stmt!, CATALOG)?.map(({ name, present }) => name + (present ? "!" : "?"));
    assert.equal(found?.join(" "), want, from);
  }
});
