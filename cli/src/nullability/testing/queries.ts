import { Expressions, ORDERED, type Ref } from "./expressions.ts";
import { From } from "./from.ts";
import type { Random } from "./random.ts";
import { type Type, VALUES } from "./values.ts";
import type { Table, WorldColumn } from "./world.ts";

/** Query is a random query whose columns have the types that were asked for. */
export interface Query {
  readonly sql: string;
  readonly columns: readonly WorldColumn[];
}

/** Queries makes random queries over the tables of a world. */
export class Queries {
  readonly random: Random;
  readonly expressions: Expressions;
  readonly tables: readonly Table[];
  #names = 0;

  constructor(random: Random, tables: readonly Table[]) {
    this.random = random;
    this.tables = tables;
    this.expressions = new Expressions(random, tables);
  }

  /** name makes a name that no other part of the query has. */
  name(prefix: string): string {
    return `${prefix}${++this.#names}`;
  }

  /** types are those of a query's columns. */
  types(least = 1, most = 4): Type[] {
    return this.random.times(least, most, () => this.expressions.type());
  }

  /** query is any query with columns of these types; `outer` are columns around it that it may name. */
  query(types: readonly Type[], outer: readonly Ref[], depth: number, ctes: readonly Table[] = []): Query {
    const which = this.random.next();
    const columns = types.map((type, i) => ({ name: `c${i}`, type, notNull: false }));
    if (which < 0.12 && depth > 0) {
      const name = this.name("w");
      const inner = this.query(this.types(), [], depth - 1, ctes);
      const cte: Table = { name, columns: inner.columns, view: true };
      const rest = this.query(types, outer, depth - 1, [...ctes, cte]);
      return { sql: `with ${name} as (${inner.sql}) ${inside(rest)}`, columns };
    }
    if (which < 0.18 && depth > 0) return { sql: this.#recursive(types, outer, depth, ctes), columns };
    if (which < 0.3 && depth > 0) {
      const operator = this.random.pick(["union", "union all", "intersect", "except", "intersect all", "except all"]);
      const [left, right] = [0, 1].map(() => this.query(types, outer, depth - 1, ctes).sql);
      return { sql: `(${left}) ${operator} (${right})`, columns };
    }
    if (which < 0.35) {
      const rows = this.random.times(1, 3, () => types.map((type) => this.expressions.of(type, outer, 1)).join(", "));
      const sql = `select ${types.map((_, i) => `column${i + 1} as c${i}`).join(", ")} from (values (${rows.join("), (")})) v`;
      return { sql, columns };
    }
    return { sql: this.select(types, outer, depth, ctes), columns };
  }

  /** select is a SELECT … FROM, with groups, windows, conditions and limits. */
  select(types: readonly Type[], outer: readonly Ref[], depth: number, ctes: readonly Table[]): string {
    const { random, expressions } = this;
    if (random.chance(0.05)) return `select ${list(types.map((type) => expressions.of(type, outer, 2)))}`;
    const from = new From(this, ctes, outer).items(depth);
    const all = [...from.refs, ...(random.chance(0.3) ? outer : [])];
    // A few columns alone meet each other more often: in the condition, and in what it is about.
    const refs = random.chance(0.5) ? random.times(1, 4, () => random.pick(all)) : all;
    const where = random.chance(0.5) ? ` where ${expressions.condition(refs, 2)}` : "";
    const kind = random.next();
    if (kind < 0.25) return this.#grouped(types, from.sql, refs, where);
    const windowed = kind < 0.45;
    const targets = types.map((type) =>
      windowed && random.chance(0.5) ? this.#window(type, refs) : expressions.of(type, refs, 2),
    );
    if (random.chance(0.05)) targets[0] = `${targets[0]} as c0, unnest(array[1, 2, 3]), generate_series(1, 2)`;
    const distinct = random.chance(0.08) ? "distinct " : "";
    const named = targets.map((target, i) => (target.includes(" as c0, unnest") ? target : `${target} as c${i}`));
    const window = windowed ? ` window w as (order by ${expressions.leaf("int4", refs)} ${random.pick(FRAMES)})` : "";
    const limit = random.chance(0.1) ? ` limit ${random.pick([0, 1, 5])}` : "";
    return `select ${distinct}${named.join(", ")} from ${from.sql}${where}${window}${limit}`;
  }

  #grouped(types: readonly Type[], from: string, refs: readonly Ref[], where: string): string {
    const { random, expressions } = this;
    const keys = random.times(0, 3, () => random.pick(refs)).filter((ref) => /^\w/.test(ref.sql));
    const sqls = [...new Set(keys.map((ref) => ref.sql))];
    const [a = "()", b = "()", c = "()"] = sqls;
    const groups = random.pick([
      ...Array.from({ length: 4 }, () => sqls.join(", ")),
      `rollup (${sqls.join(", ")})`,
      `cube (${sqls.join(", ")})`,
      `grouping sets ((${[a, b].filter((each) => each !== "()").join(", ")}), ${a}, ${c})`,
      `grouping sets ((${sqls.join(", ")}))`,
      `${a}, rollup (${sqls.at(-1)})`,
    ]);
    const clause = sqls.length === 0 ? random.pick(["", "", " group by ()"]) : ` group by ${groups}`;
    const grouped = keys.filter((ref) => sqls.includes(ref.sql));
    const aggregate = (type: Type): string => {
      const value = expressions.of(type, refs, 1);
      const filter = random.chance(0.15) ? ` filter (where ${expressions.condition(refs, 0)})` : "";
      return random.pick([
        ...(type === "int4"
          ? [
              `count(*)${filter}::int4`,
              `count(${expressions.leaf("text", refs)})${filter}::int4`,
              `sum(${value})${filter}::int4`,
            ]
          : []),
        ...(type === "numeric" ? [`avg(${value})${filter}`, `sum(${value})${filter}`, `stddev_samp(${value})`] : []),
        ...(type === "text" ? [`string_agg(${value}, ',')${filter}`] : []),
        ...(type === "jsonb" ? [`jsonb_agg(${value})${filter}`] : []),
        ...(type === "bool" ? [`bool_and(${value})${filter}`, `every(${value})`] : []),
        ...(type === "int4[]" ? [`array_agg(${expressions.leaf("int4", refs)})${filter}`] : []),
        `${ORDERED.has(type) ? random.pick(["max", "min"]) : "any_value"}(${value})${filter}`,
        `coalesce(${ORDERED.has(type) ? "max" : "any_value"}(${value})${filter}, ${random.pick(VALUES[type])})`,
      ]);
    };
    const targets = types.map((type) => {
      const same = grouped.filter((ref) => ref.type === type);
      if (same.length > 0 && random.chance(0.6)) return expressions.of(type, same, 1);
      return grouped.length > 0 && random.chance(0.2) ? expressions.of(type, grouped, 1) : aggregate(type);
    });
    const having = random.chance(0.15) && grouped.length > 0 ? ` having ${expressions.condition(grouped, 0)}` : "";
    return `select ${list(targets)} from ${from}${where}${clause}${having}`;
  }

  #window(type: Type, refs: readonly Ref[]): string {
    const { random, expressions } = this;
    const value = expressions.of(type, refs, 1);
    const order = random.chance(0.7) ? `order by ${expressions.leaf("int4", refs)} ${random.pick(FRAMES)}` : "";
    const partition = random.chance(0.4) ? `partition by ${expressions.leaf("text", refs)} ` : "";
    const over = random.chance(0.2) ? "over w" : `over (${partition}${order})`;
    return random
      .pick([
        ...(type === "int4"
          ? [`row_number() ${over}`, `count(${value}) ${over}`, `sum(${value}) ${over}`, `ntile(2) ${over}`]
          : []),
        `lag(${value}) ${over}`,
        `lead(${value}, 1, ${expressions.leaf(type, refs)}) ${over}`,
        `first_value(${value}) ${over}`,
        `last_value(${value}) ${over}`,
        `nth_value(${value}, 2) ${over}`,
        `${ORDERED.has(type) ? "max" : "any_value"}(${value}) ${over}`,
      ])
      .replace(/^((?:row_number|count|sum|ntile)\(.*)$/s, "($1)::int4");
  }

  #recursive(types: readonly Type[], outer: readonly Ref[], depth: number, ctes: readonly Table[]): string {
    const name = this.name("r");
    const inner = this.query(this.types(1, 3), [], depth - 1, ctes);
    const refs = inner.columns.map((column) => ({ sql: `${name}.${column.name}`, type: column.type }));
    const columns = inner.columns.map(({ name, type }) => `${this.expressions.of(type, refs, 1)} as ${name}`);
    const cte: Table = { name, columns: inner.columns, view: true };
    const rest = this.query(types, outer, depth - 1, [...ctes, cte]);
    // Each round has the level of the one before, plus one; there are three.
    const first = `select q.*, 1 as level from (${inner.sql}) q`;
    const second = `select ${columns.join(", ")}, level + 1 from ${name} where level < 3`;
    return `with recursive ${name} as (${first} union all ${second}) ${inside(rest)}`;
  }
}

const FRAMES = [
  "",
  "",
  "",
  "rows unbounded preceding",
  "rows between 1 preceding and current row",
  "rows between unbounded preceding and 1 preceding",
  "rows between 1 following and unbounded following",
  "rows between unbounded preceding and unbounded following exclude current row",
  "range between current row and unbounded following",
];

function list(targets: readonly string[]): string {
  return targets.map((target, i) => `${target} as c${i}`).join(", ");
}

// Two WITH cannot follow each other.
function inside({ sql }: Query): string {
  return sql.startsWith("with") ? `select * from (${sql}) q` : sql;
}
