import type { Random } from "./random.ts";
import { TYPES, type Type, VALUES } from "./values.ts";

/** WorldColumn is a column of a random table or query. */
export interface WorldColumn {
  readonly name: string;
  readonly type: Type;
  readonly notNull: boolean;
}

/** Table is a random table, or a view of one. */
export interface Table {
  readonly name: string;
  readonly columns: readonly WorldColumn[];
  readonly view: boolean;
}

/** STATES is how many states of its data each random schema has: one has many nulls and no rows in some tables. */
export const STATES = 3;

/** randomTables makes the tables of a world. A column's name tells its type, so that tables share some. */
export function randomTables(random: Random): Table[] {
  return random.times(3, 4, (i) => {
    const columns: WorldColumn[] = [{ name: "id", type: "int4", notNull: true }];
    for (const type of TYPES) {
      for (const n of [1, 2]) {
        if (!random.chance(type === "int4" || type === "text" ? 0.75 : 0.3)) continue;
        columns.push({ name: `${type.replace("[]", "_array")}_${n}`, type, notNull: random.chance(0.45) });
      }
    }
    return { name: `t${i}`, columns, view: false };
  });
}

/** createTables is the script that makes the tables and fills them; state 0 is the sparse one. */
export function createTables(tables: readonly Table[], state: number, random: Random): string {
  const script = tables.map(({ name, columns }) => {
    const lines = columns.map(
      (column) =>
        `${column.name} ${column.type}${column.name === "id" ? " primary key" : column.notNull ? " not null" : ""}`,
    );
    const nulls = state === 0 ? 0.7 : 0.35;
    const rows = random.times(state === 0 && random.chance(0.4) ? 0 : 1, 4, (i) =>
      columns.map((column) => {
        if (column.name === "id") return String(i + 1);
        return !column.notNull && random.chance(nulls) ? "null" : random.pick(VALUES[column.type]);
      }),
    );
    const shuffled = rows.filter(() => random.chance(0.9)).map((row) => `(${row.join(", ")})`);
    return [
      `create table ${name} (${lines.join(", ")})`,
      ...(shuffled.length === 0 ? [] : [`insert into ${name} values ${shuffled.join(", ")}`]),
    ].join(";\n");
  });
  return `${script.join(";\n")};`;
}
