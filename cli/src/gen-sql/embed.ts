import { type Ast, child, findAll, str } from "./ast.ts";
import type { Relation } from "./catalog.ts";
import type { Column, EmbeddedTable } from "./model.ts";
import { camelCase, keyOf, singular } from "./names.ts";
import type { Ranges } from "./origins.ts";
import type { Embed } from "./statement.ts";
import type { Origin, TypeMap } from "./type-map.ts";

// NAMEDATALEN - 1: PostgreSQL cuts a longer name.
const MAX_NAME_BYTES = 63;

// How long the lines of what is selected get.
const FILL = 100;

/** EmbedNames says what is selected for sqlc.embed: every column of the table, as "users.created_at". */
export class EmbedNames {
  readonly #ranges: Ranges;
  readonly #report: (offset: number, message: string) => void;
  readonly #seen: Set<string> = new Set();

  constructor(ranges: Ranges, report: (offset: number, message: string) => void) {
    this.#ranges = ranges;
    this.#report = report;
  }

  /** check reports what cannot be embedded. */
  check({ relation: name, offset }: Embed): void {
    const relation = this.#ranges.relation(name);
    if (this.#seen.has(name)) return this.#report(offset, `"${name}" is embedded already`);
    this.#seen.add(name);
    if (relation === undefined) return this.#report(offset, `sqlc.embed takes a table of FROM, and "${name}" is none`);
    const long = relation.columns.find((column) => Buffer.byteLength(`${name}.${column.name}`) > MAX_NAME_BYTES);
    if (long === undefined) return undefined;
    return this.#report(offset, `"${name}.${long.name}" is too long for a column: give the table a short alias`);
  }

  /** columns is the text in the place of sqlc.embed(name). */
  columns(name: string): string {
    const columns = this.#ranges.relation(name)?.columns ?? [];
    return fill(columns.map((column) => `${name}.${quoted(column.name)} as "${name}.${column.name}"`));
  }
}

/** outerJoined gives the names in FROM that an outer join may leave without a row. */
export function outerJoined(statement: Ast): Set<string> {
  const sides: Readonly<Record<string, readonly string[]>> = {
    JOIN_LEFT: ["rarg"],
    JOIN_RIGHT: ["larg"],
    JOIN_FULL: ["larg", "rarg"],
  };
  const names = findAll(statement, "JoinExpr").flatMap((join) =>
    (sides[str(join, "jointype") ?? ""] ?? []).flatMap((side) =>
      findAll(join[side], "RangeVar").map(
        (range) => str(child(range, "alias"), "aliasname") ?? str(range, "relname") ?? "",
      ),
    ),
  );
  return new Set(names);
}

/** embeddedTable is the item of a row for an embedded table, one of whose columns is of this origin. */
export function embeddedTable(
  name: string,
  origin: Origin | undefined,
  nullable: boolean,
  types: TypeMap,
): EmbeddedTable | undefined {
  if (origin === undefined) return undefined;
  const { relation } = origin;
  return {
    kind: "embed",
    key: singular(camelCase(name)),
    type: rowType(relation, types),
    relation,
    nullable,
    prefix: `${keyOf(name)}.`,
    columns: tableColumns(relation, types),
  };
}

/** rowType is the interface of a table's rows: users is User. */
export function rowType({ schema, name }: Pick<Relation, "schema" | "name">, types: TypeMap): string {
  return singular(types.nameOf(schema, name));
}

/** tableColumns are the fields of a table's rows. */
export function tableColumns(relation: Relation, types: TypeMap): Column[] {
  return relation.columns.map((column) => ({
    kind: "column",
    key: keyOf(column.name),
    read: types.read(column.type, { relation, column }),
    nullable: !column.notNull,
  }));
}

// As many to a line as it holds.
function fill(items: readonly string[]): string {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined || last.length + item.length > FILL) lines.push(item);
    else lines[lines.length - 1] = `${last}, ${item}`;
  }
  return lines.join(",\n  ");
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
