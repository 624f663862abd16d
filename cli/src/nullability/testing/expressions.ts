import type { Random } from "./random.ts";
import { FORMULAS, TYPES, type Type, VALUES } from "./values.ts";
import type { Table } from "./world.ts";

/** ORDERED are the types that have a minimum and a maximum. */
export const ORDERED: ReadonlySet<Type> = new Set<Type>([
  "int4",
  "text",
  "numeric",
  "float8",
  "timestamptz",
  "date",
  "interval",
  "int4[]",
  "mood",
]);

/** Ref is a column that an expression may name. */
export interface Ref {
  readonly sql: string;
  readonly type: Type;
}

/** Expressions makes random expressions over columns. */
export class Expressions {
  readonly #random: Random;
  readonly #tables: readonly Table[];

  constructor(random: Random, tables: readonly Table[]) {
    this.#random = random;
    this.#tables = tables;
  }

  /** of is an expression of a type. */
  of(type: Type, refs: readonly Ref[], depth: number): string {
    const random = this.#random;
    if (depth <= 0 || random.chance(0.3)) return this.leaf(type, refs);
    const next = (of: Type): string => this.of(of, refs, depth - 1);
    const which = random.next();
    if (which < 0.08) return `coalesce(${random.times(1, 3, () => next(type)).join(", ")})`;
    if (which < 0.2) return this.#case(type, refs, depth);
    if (which < 0.23) return `${random.pick(["greatest", "least"])}(${next(type)}, ${next(type)})`;
    if (which < 0.26) return `nullif(${next(type)}, ${next(type)})`;
    if (which < 0.33) return this.#scalar(type, refs, depth);
    const formulas = FORMULAS.filter(([result]) => result === type);
    if (formulas.length === 0) return this.leaf(type, refs);
    const [, text, ...operands] = random.pick(formulas);
    return text.replaceAll(/\$(\d)/g, (_, n: string) => next(operands[Number(n) - 1]!));
  }

  /** condition is what stands after WHERE, ON, HAVING or FILTER: above all, what proves columns not to be null. */
  condition(refs: readonly Ref[], depth: number): string {
    const random = this.#random;
    const ref = refs.length === 0 ? { sql: "1", type: "int4" as const } : random.pick(refs);
    const value = (): string => random.pick(VALUES[ref.type]);
    const next = (): string => this.condition(refs, depth - 1);
    const same = refs.filter((each) => each.type === ref.type);
    const [table, other] = this.#table("q");
    // Of an array there is no "= any (array[…])".
    const [array, element] = ref.type.endsWith("[]") ? ["1", () => "1"] : [ref.sql, value];
    if (depth > 0 && random.chance(0.45)) {
      const joined = `(${next()} ${random.pick(["and", "and", "or"])} ${next()})`;
      return random.chance(0.2) ? `not ${joined}` : joined;
    }
    return random.pick([
      () => `${ref.sql} is not null`,
      () => `${ref.sql} is not null`,
      () => `${ref.sql} is null`,
      () => `${ref.sql} is null`,
      () => `not (${ref.sql} is null)`,
      () => `${ref.sql} = ${same.length === 0 ? value() : random.pick(same).sql}`,
      () => `${ref.sql} = ${value()}`,
      () => `not ${ref.sql} = ${value()}`,
      () => `${ref.sql} <> ${value()}`,
      () => `${ref.sql} >= ${value()}`,
      () => `${ref.sql} in (${value()}, ${value()})`,
      () => `not ${ref.sql} in (${value()}, ${value()})`,
      () => `${ref.sql} between ${value()} and ${value()}`,
      () => `${ref.sql} not between ${value()} and ${value()}`,
      () => `${array} = any (array[${element()}, ${element()}])`,
      () => `not ${array} = any (array[${element()}, null])`,
      () => `${ref.sql} is distinct from ${random.pick([value(), "null"])}`,
      () => `${ref.sql} is not distinct from ${random.pick([value(), "null", ref.sql])}`,
      () => `coalesce(${ref.sql}, ${value()}) = ${value()}`,
      () => `${ref.sql} in (select ${this.leaf(ref.type, other)} from ${table} q)`,
      () => `exists (select from ${table} q where ${this.leaf("int4", other)} = 1)`,
      () => `(${this.of("bool", refs, 1)})`,
      () =>
        `(${this.of("bool", refs, 2)}) is ${random.pick(["true", "false", "not true", "not false", "not unknown"])}`,
      () => this.of("bool", refs, 2),
    ])();
  }

  /** leaf is a column, a value or a null. */
  leaf(type: Type, refs: readonly Ref[]): string {
    const random = this.#random;
    const same = refs.filter((ref) => ref.type === type);
    if (same.length > 0 && random.chance(0.8)) return random.pick(same).sql;
    return random.chance(0.1) ? `null::${type}` : random.pick(VALUES[type]);
  }

  /** type is any type, the common ones more often. */
  type(): Type {
    return this.#random.chance(0.5) ? this.#random.pick(["int4", "text", "bool"]) : this.#random.pick(TYPES);
  }

  #table(alias: string): [string, Ref[]] {
    const { name, columns } = this.#random.pick(this.#tables);
    return [name, columns.map((column) => ({ sql: `${alias}.${column.name}`, type: column.type }))];
  }

  #case(type: Type, refs: readonly Ref[], depth: number): string {
    const random = this.#random;
    const next = (): string => this.of(type, refs, depth - 1);
    const end = random.chance(0.85) ? ` else ${next()}` : "";
    const same = refs.filter((ref) => ref.type === type);
    if (same.length > 0 && random.chance(0.3)) {
      const { sql } = random.pick(same);
      return random.chance(0.5)
        ? `case when ${sql} is null then ${next()} else ${sql} end`
        : `case when ${sql} is not null then ${sql}${end} end`;
    }
    if (random.chance(0.3)) {
      const of = this.type();
      const whens = random.times(1, 2, () => `when ${this.leaf(of, refs)} then ${next()}`);
      return `case ${this.leaf(of, refs)} ${whens.join(" ")}${end} end`;
    }
    const whens = random.times(1, 2, () => `when ${this.condition(refs, 1)} then ${next()}`);
    return `case ${whens.join(" ")}${end} end`;
  }

  #scalar(type: Type, refs: readonly Ref[], depth: number): string {
    const random = this.#random;
    const [table, own] = this.#table("s");
    const all = [...own, ...refs];
    const where = random.chance(0.6) ? ` where ${this.condition(random.chance(0.5) ? own : all, 1)}` : "";
    const value = this.of(type, random.chance(0.3) ? all : own, depth - 1);
    const aggregate = ORDERED.has(type) ? random.pick(["max", "min"]) : "any_value";
    return random.pick([
      () => `(select ${value} from ${table} s${where} limit 1)`,
      () => `(select ${aggregate}(${value}) from ${table} s${where})`,
      () => `(select coalesce(${aggregate}(${value}), ${random.pick(VALUES[type])}) from ${table} s${where})`,
      () => `(select ${this.of(type, refs, depth - 1)})`,
      () => `(values (${this.of(type, refs, depth - 1)}))`,
      ...(type === "int4"
        ? [
            () => `(select count(*) from ${table} s${where})::int4`,
            () => `(select count(${this.leaf("int4", random.chance(0.3) ? refs : all)}) from ${table} s${where})::int4`,
            () => `(select sum(${this.leaf("int4", all)}) from ${table} s${where})::int4`,
          ]
        : []),
      ...(type === "int4[]" ? [() => `array(select ${this.leaf("int4", all)} from ${table} s${where})`] : []),
      ...(type === "bool"
        ? [
            () => `(${this.leaf("int4", refs)} in (select ${this.leaf("int4", own)} from ${table} s${where}))`,
            () => `(${this.leaf("int4", refs)} <= all (select ${this.leaf("int4", own)} from ${table} s${where}))`,
            () => `exists (select from ${table} s${where})`,
          ]
        : []),
    ])();
  }
}
