import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { parse } from "libpg-query";
import { AGGREGATES, FUNCTIONS, OPERATORS, STRICT_OPERATORS } from "./functions.ts";
import { columnsOf } from "./index.ts";
import { ANY, AWKWARD } from "./testing/awkward.ts";
import { CATALOG } from "./testing/catalog.ts";
import { openPglite } from "./testing/pglite.ts";
import { Random } from "./testing/random.ts";

// Everything that the lists say of PostgreSQL's functions, operators and casts, put to the test by calling them.

/** CALLS is how many combinations of values are tried of an overload. */
const CALLS = 8;

let db: Awaited<ReturnType<typeof openPglite>>;

// try says whether an expression is null; one that fails is not, and never a row of a result.
const TRY = `
create function try(expression text) returns text language plpgsql as $$
declare found boolean;
begin
  execute 'select num_nulls(x) = 1 from (select ' || expression || ' as x) q' into found;
  return case when found then 'null' else 'value' end;
exception when others then return 'error: ' || sqlerrm;
end $$`;

before(async () => {
  db = await openPglite();
  await db.run(TRY);
});
after(() => db[Symbol.asyncDispose]());

async function rows(text: string): Promise<string[][]> {
  return (await db.run(text)).rows.map((row) => row.map(String));
}

// Some combinations of the types' values, the same in every run.
function combinations(types: readonly string[]): string[][] {
  const random = new Random(types.join().length);
  const values = types.map((type) => AWKWARD[type] ?? ANY[type]);
  if (values.includes(undefined)) return [];
  if (values.length === 0) return [[]];
  const count = values.length === 1 ? values[0]!.length : CALLS;
  return Array.from({ length: count }, (_, i) =>
    values.map((each) => (values.length === 1 ? each![i]! : random.pick(each!))),
  );
}

// Runs expressions, and fails for those that are null though columnsOf says that they cannot be.
async function check(expressions: readonly string[], least: number): Promise<void> {
  const list = expressions.map((each) => `'${each.replaceAll("'", "''")}'`).join(", ");
  const found = (await rows(`select try(e) from unnest(array[${list}]) e`)).map(([result]) => result!);
  const wrong: string[] = [];
  let values = 0;
  for (const [i, expression] of expressions.entries()) {
    if (found[i] === "value") values++;
    if (found[i] !== "null") continue;
    // Of a scalar subquery, which may have no row for all that is known, its column counts.
    const { stmts } = await parse(expression.startsWith("(select ") ? expression : `select ${expression}`);
    if (columnsOf(stmts![0]!.stmt!, CATALOG)?.[0]?.notNull === true) wrong.push(expression);
  }
  assert.deepEqual(wrong, []);
  // A call that fails proves nothing: most of them must not.
  assert.ok(values >= least, `only ${values} of ${expressions.length} calls gave a value`);
}

function quoted(names: Iterable<string>): string {
  return [...names].map((name) => `'${name}'`).join(", ");
}

suite("what the lists say of pg_catalog", () => {
  test("functions", async () => {
    const overloads = await rows(`
      select p.proname, (select string_agg(t.typname, ',' order by i) from unnest(p.proargtypes) with ordinality a(oid, i)
        join pg_type t on t.oid = a.oid), p.provariadic <> 0
      from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and not p.proretset
        and p.proname in (${quoted(FUNCTIONS.keys())})`);
    const calls = overloads.flatMap(([name, types = "", variadic]) => {
      const list = types === "null" ? [] : types.split(",");
      const plain = combinations(variadic === "true" ? [...list.slice(0, -1), "anyelement"] : list);
      const spread = variadic === "true" ? combinations(list) : [];
      return [
        ...plain.map((args) => `${name}(${args.join(", ")})`),
        ...spread.map((args) => `${name}(${[...args.slice(0, -1), `variadic ${args.at(-1)}`].join(", ")})`),
      ];
    });
    await check(calls, 1000);
  });

  test("operators", async () => {
    const overloads = await rows(`
      select o.oprname, coalesce(l.typname, ''), r.typname from pg_operator o
      left join pg_type l on l.oid = o.oprleft join pg_type r on r.oid = o.oprright
      where o.oprnamespace = 'pg_catalog'::regnamespace and o.oprname in (${quoted([...OPERATORS, ...STRICT_OPERATORS])})`);
    const calls = overloads.flatMap(([name, left, right]) =>
      left === ""
        ? combinations([right!]).map(([b]) => `${name} (${b})`)
        : combinations([left!, right!]).map(([a, b]) => `(${a}) ${name} (${b})`),
    );
    await check(calls, 2000);
  });

  test("casts", async () => {
    const pairs = await rows(`
      select s.typname, t.typname from pg_cast c join pg_type s on s.oid = c.castsource
      join pg_type t on t.oid = c.casttarget where s.typname <> t.typname`);
    const texts = Object.keys(AWKWARD).flatMap((type) => [
      ["text", type],
      [type, "text"],
    ]);
    const calls = [...pairs, ...texts].flatMap(([from, to]) =>
      (AWKWARD[from!] ?? []).map((value) => `cast(${value} as ${to === "char" ? '"char"' : to})`),
    );
    await check(calls, 250);
  });

  test("aggregates", async () => {
    const overloads = await rows(`
      select p.proname, (select string_agg(t.typname, ',' order by i) from unnest(p.proargtypes) with ordinality a(oid, i)
        join pg_type t on t.oid = a.oid)
      from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'a'
        and p.proname in (${quoted(AGGREGATES.keys())})`);
    const calls = overloads.flatMap(([name, types = ""]) =>
      combinations(types === "null" ? [] : types.split(",")).map(
        (args) => `(select ${name}(${args.length === 0 ? "*" : args.join(", ")}) from (values (1)) v (g) group by g)`,
      ),
    );
    await check(calls, 200);
  });

  test("fields of a time", async () => {
    const fields =
      "epoch year decade century millennium isoyear julian quarter month week day dow isodow doy hour minute " +
      "second milliseconds microseconds";
    const times = ["date", "time", "timestamp", "timestamptz", "interval"].flatMap((type) => AWKWARD[type]!);
    const calls = fields
      .split(" ")
      .flatMap((field) =>
        times.flatMap((time) => [`extract(${field} from ${time})`, `date_part('${field}', ${time})`]),
      );
    await check(calls, 200);
  });

  test("what counts as strict is", async () => {
    const names = [...FUNCTIONS].filter(([, { kind }]) => kind === "strict" || kind === "maybe").map(([name]) => name);
    const functions = await rows(`
      select distinct proname from pg_proc where pronamespace = 'pg_catalog'::regnamespace and not proisstrict
        and prokind = 'f' and proname in (${quoted(names)})`);
    assert.deepEqual(functions, []);
    const operators = await rows(`
      select distinct o.oprname from pg_operator o join pg_proc p on p.oid = o.oprcode
      where o.oprnamespace = 'pg_catalog'::regnamespace and not p.proisstrict and o.oprname in (${quoted(STRICT_OPERATORS)})`);
    assert.deepEqual(operators, []);
  });

  test("every name is one of PostgreSQL's", async () => {
    const all = new Set((await rows("select distinct proname from pg_proc")).map(([name]) => name));
    // EXTRACT is no function of this name in versions before 14.
    assert.deepEqual(
      [...FUNCTIONS.keys(), ...AGGREGATES.keys()].filter((name) => !all.has(name)),
      [],
    );
  });
});
