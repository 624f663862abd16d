import type { Ref } from "./expressions.ts";
import type { Queries } from "./queries.ts";
import { type Type, VALUES } from "./values.ts";
import type { Table } from "./world.ts";

/** randomWrite is an INSERT, UPDATE, DELETE or MERGE with RETURNING; it is to be rolled back. */
export function randomWrite(queries: Queries): string {
  const { random, expressions } = queries;
  const table = random.pick(queries.tables.filter((each) => !each.view));
  const other = random.pick(queries.tables);
  const [target, source] = [refsOf(table, "t"), refsOf(other, "s")];
  const value = (type: Type, notNull: boolean, refs: readonly Ref[]): string =>
    notNull || random.chance(0.3) ? random.pick(VALUES[type]) : expressions.of(type, refs, 1);
  const set = random
    .times(1, 3, () => random.pick(table.columns.slice(1)))
    .filter((column, i, all) => column !== undefined && all.indexOf(column) === i);
  const sets = (refs: readonly Ref[]): string =>
    set.map((column) => `${column.name} = ${value(column.type, column.notNull, refs)}`).join(", ");
  const versions = ["old", "new"].flatMap((name) => refsOf(table, name));
  const returning = (refs: readonly Ref[]): string => {
    const all = random.chance(0.3) ? [...refs, ...versions] : refs;
    const targets = queries.types(2, 5).map((type) => expressions.of(type, all, 1));
    return ` returning ${random.chance(0.3) ? "*, " : ""}${targets.join(", ")}`;
  };
  const insert = (): string => {
    const id = random.pick(["1", "1000"]);
    const row = table.columns.map((each) => (each.name === "id" ? id : value(each.type, each.notNull, [])));
    const conflict = random.chance(0.5) ? ` on conflict (id) do update set ${sets([])}` : "";
    return `insert into ${table.name} as t values (${row.join(", ")})${conflict}${returning(target)}`;
  };
  const where = (refs: readonly Ref[]): string =>
    random.chance(0.7) ? ` where ${expressions.condition(refs, 1)}` : "";
  const both = [...target, ...source];
  return random.pick([
    insert,
    insert,
    () => `update ${table.name} t set ${sets(target)}${where(target)}${returning(target)}`,
    () => `update ${table.name} t set ${sets(both)} from ${other.name} s${where(both)}${returning(both)}`,
    () => `delete from ${table.name} t${where(target)}${returning(target)}`,
    () => `delete from ${table.name} t using ${other.name} s${where(both)}${returning(both)}`,
    () => `with d as (delete from ${table.name} t${where(target)} returning t.*) select * from d`,
    () =>
      `merge into ${table.name} t using ${other.name} s on t.id = s.id ` +
      random.pick([
        `when matched then update set ${sets(both)}`,
        "when matched then delete",
        `when not matched by source then update set ${sets(target)}`,
        `when matched then delete when not matched by source then delete`,
      ]) +
      returning(both),
  ])();
}

function refsOf(table: Table, alias: string): Ref[] {
  return table.columns.map((column) => ({ sql: `${alias}.${column.name}`, type: column.type }));
}
