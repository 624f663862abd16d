import type { Node } from "libpg-query";
import type { Catalog } from "./catalog.ts";

/** Value is what is known of an expression: undefined is a type that is not known. */
export interface Value {
  readonly notNull: boolean;
  readonly type: string | undefined;
}

/** Side is a side of an outer join whose rows may be missing. */
export interface Side {
  /** implied are the columns that are not null when the side's row is there. */
  readonly implied: ReadonlySet<number>;
}

/** Column is a column as one place of a query sees it. */
export interface Column {
  /** id stays the same while joins and conditions change what is known of it. */
  readonly id: number;
  readonly name: string;
  readonly type: string | undefined;
  /** notNull holds where none of `absent` is missing. */
  readonly notNull: boolean;
  /** absent are the outer joins that may put a null in its place. */
  readonly absent: readonly Side[];
}

/** Relation is what a name before a dot can mean. */
export interface Relation {
  readonly alias: string;
  readonly schema: string | undefined;
  readonly columns: readonly Column[];
  /** hidden are the system columns. */
  readonly hidden: readonly Column[];
  /** row is the whole row as one value. */
  readonly row: Column;
  /** open says that there are columns that the analysis does not know. */
  readonly open: boolean;
}

/** Item is an entry of FROM, with what it holds. */
export interface Item {
  readonly relations: readonly Relation[];
  /** columns are those of "*", and what a name without a dot can mean. */
  readonly columns: readonly Column[];
  readonly open: boolean;
}

/** Output is what a statement returns. */
export interface Output {
  readonly columns: readonly OutputColumn[];
  /** open says that there are columns that the analysis could not name. */
  readonly open: boolean;
  /** someRow says that there is at least one row. */
  readonly someRow: boolean;
}

/** OutputColumn is a column of a statement. */
export interface OutputColumn extends Value {
  readonly name: string;
  /** source is the column that stands there as it is. */
  readonly source: Column | undefined;
}

/** Scope is one level of a query. */
export interface Scope {
  readonly items: readonly Item[];
  readonly ctes: ReadonlyMap<string, Output>;
  readonly outer: Scope | undefined;
  /** rows is the scope of what aggregates take: before the groups. */
  readonly rows?: Scope;
  /** groups says that every group has a row. */
  readonly groups?: boolean;
  /** windows are the frames of the named windows. */
  readonly windows?: ReadonlyMap<string, number>;
}

/** Parameter is what the caller knows of $1, $2, …. */
export interface Parameter {
  readonly type: string;
  readonly notNull: boolean;
}

/** Env is where an expression is evaluated. */
export interface Env {
  readonly catalog: Catalog;
  readonly parameters: readonly Parameter[];
  readonly scope: Scope;
  /** known are the columns that are not null here because of a condition around the expression. */
  readonly known: ReadonlySet<number>;
  /** evaluate and query are here because expressions and queries hold each other. */
  evaluate(node: Node | undefined, env: Env): Value;
  query(node: Node | undefined, env: Env): Output;
}

let ids = 0;

/** newColumn makes a column that is like no other. */
export function newColumn(name: string, type: string | undefined, notNull: boolean): Column {
  return { id: ++ids, name, type, notNull, absent: [] };
}

/** isNotNull says whether a column can be trusted as it stands. */
export function isNotNull(column: Column): boolean {
  return column.notNull && column.absent.length === 0;
}

/** mapColumns changes all columns of an item alike. */
export function mapColumns(item: Item, change: (column: Column) => Column): Item {
  const relations = item.relations.map((each) => ({
    ...each,
    columns: each.columns.map(change),
    hidden: each.hidden.map(change),
    row: change(each.row),
  }));
  return { ...item, relations, columns: item.columns.map(change) };
}

/** Found is what a name means; a column of undefined is there, but nothing is known of it. */
export interface Found {
  readonly column: Column | undefined;
  readonly scope: Scope;
}

/** resolve finds the column, or the whole row, that a reference means, from the inside out. */
export function resolve(ref: readonly string[], scope: Scope): Found | undefined {
  const name = ref.at(-1)!;
  const alias = ref.at(-2);
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    if (alias === undefined) {
      const columns = level.items.flatMap((item) => item.columns.filter((column) => column.name === name));
      const hidden = level.items.flatMap((item) => item.relations.flatMap((relation) => relation.hidden));
      const column = columns[0] ?? hidden.find((each) => each.name === name);
      // Two of one name cannot be: the server would refuse the statement.
      if (column !== undefined) return { column: columns.length > 1 ? undefined : column, scope: level };
      if (level.items.some((item) => item.open)) return { column: undefined, scope: level };
      continue;
    }
    const relation = findAlias(level, alias, ref.at(-3));
    if (relation === undefined) continue;
    const column = [...relation.columns, ...relation.hidden].find((each) => each.name === name);
    return { column, scope: level };
  }
  return alias === undefined ? resolveRow(name, scope) : undefined;
}

/** findAlias finds the relation that a name before a dot means at one level. */
export function findAlias(scope: Scope, alias: string, schema?: string): Relation | undefined {
  return scope.items
    .flatMap((item) => item.relations)
    .find((each) => each.alias === alias && (schema === undefined || each.schema === schema));
}

function resolveRow(name: string, scope: Scope): Found | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    const relation = findAlias(level, name);
    if (relation !== undefined) return { column: relation.row, scope: level };
  }
  return undefined;
}
