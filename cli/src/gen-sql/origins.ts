import { type Ast, child, findAll, int, isAst, list, str } from "./ast.ts";
import type { Catalog, Relation } from "./catalog.ts";
import type { Origin } from "./type-map.ts";

/** ParameterUse is where an argument goes. */
export interface ParameterUse {
  readonly origin: Origin;
  /** assigned says that it is stored there by INSERT or UPDATE, and not only compared with it. */
  readonly assigned: boolean;
}

/** Ranges finds the table that a name stands for within a statement; one that stands for two is none. */
export class Ranges {
  readonly #byName: Map<string, Relation | undefined> = new Map();

  constructor(statement: Ast, catalog: Catalog) {
    const ctes = new Set(findAll(statement, "CommonTableExpr").map((cte) => str(cte, "ctename")));
    // The target of INSERT, UPDATE and DELETE is a RangeVar without the wrapper.
    const targets = ["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"].flatMap((kind) =>
      findAll(statement, kind).flatMap((node): Ast[] => {
        const target = child(node, "relation");
        return target === undefined ? [] : [target];
      }),
    );
    for (const range of [...targets, ...findAll(statement, "RangeVar")]) {
      const name = str(range, "relname") ?? "";
      const schema = str(range, "schemaname");
      if (schema === undefined && ctes.has(name)) continue;
      const relation = catalog.relation(name, schema);
      const alias = str(child(range, "alias"), "aliasname") ?? name;
      const before = this.#byName.get(alias);
      this.#byName.set(alias, this.#byName.has(alias) && before?.oid !== relation?.oid ? undefined : relation);
    }
  }

  /** relation is the table that goes by a name. */
  relation(name: string): Relation | undefined {
    return this.#byName.get(name);
  }

  /** column is the table's column that a ColumnRef means, undefined for what is not one or is in doubt. */
  column(ref: Ast): Origin | undefined {
    const names = list(ref, "fields").map((field) => str(child(field, "String"), "sval"));
    const name = names.at(-1);
    if (name === undefined) return undefined;
    const range = names.at(-2);
    const relations = range === undefined ? new Set(this.#byName.values()) : new Set([this.#byName.get(range)]);
    const found = Array.from(relations).flatMap((relation) => originOf(relation, name) ?? []);
    return found.length === 1 ? found[0] : undefined;
  }
}

/** parameterUses tells, by the number of the parameter, which column it is stored in or compared with. */
export function parameterUses(statement: Ast, ranges: Ranges, catalog: Catalog): Map<number, ParameterUse> {
  const uses = new Map<number, ParameterUse>();
  const use = (value: unknown, origin: Origin | undefined, assigned: boolean): void => {
    const n = parameterOf(value);
    if (n === undefined || origin === undefined) return;
    const before = uses.get(n);
    // What is stored in two columns may be null if both may.
    const stronger = assigned && (before?.assigned !== true || origin.column.notNull);
    if (before === undefined || stronger) uses.set(n, { origin, assigned });
  };
  for (const insert of findAll(statement, "InsertStmt")) {
    const relation = relationOf(insert, catalog);
    const names = list(insert, "cols").map((target) => str(child(target, "ResTarget"), "name") ?? "");
    const columns = names.length > 0 ? names : (relation?.columns.map(({ name }) => name) ?? []);
    const select = child(insert, "selectStmt", "SelectStmt");
    const rows = list(select, "valuesLists").map((row) => list(child(row, "List"), "items"));
    const selected = list(select, "targetList").map((target) => child(target, "ResTarget", "val"));
    for (const row of [...rows, selected]) {
      row.forEach((value, i) => use(value, originOf(relation, columns[i] ?? ""), true));
    }
    assign(list(child(insert, "onConflictClause"), "targetList"), relation, use);
  }
  for (const update of findAll(statement, "UpdateStmt")) {
    assign(list(update, "targetList"), relationOf(update, catalog), use);
  }
  for (const comparison of findAll(statement, "A_Expr")) compare(comparison, ranges, use);
  return uses;
}

/** parameterOf is the number of a parameter, also one with a cast; undefined for any other expression. */
export function parameterOf(value: unknown): number | undefined {
  if (!isAst(value)) return undefined;
  const cast = child(value, "TypeCast", "arg");
  if (cast !== undefined) return parameterOf(cast);
  const ref = child(value, "ParamRef");
  return ref === undefined ? undefined : int(ref, "number");
}

/** originOf is a column of a relation by its name. */
export function originOf(relation: Relation | undefined, name: string): Origin | undefined {
  const column = relation?.columns.find((column) => column.name === name);
  return relation === undefined || column === undefined ? undefined : { relation, column };
}

type Use = (value: unknown, origin: Origin | undefined, assigned: boolean) => void;

function relationOf(node: Ast, catalog: Catalog): Relation | undefined {
  const range = child(node, "relation");
  return catalog.relation(str(range, "relname") ?? "", str(range, "schemaname"));
}

function assign(targets: readonly Ast[], relation: Relation | undefined, use: Use): void {
  for (const target of targets) {
    const node = child(target, "ResTarget");
    // SET a[1] = $1 and SET a.b = $1 store into a part of the column.
    if (list(node, "indirection").length > 0) continue;
    use(child(node, "val"), originOf(relation, str(node, "name") ?? ""), true);
  }
}

// x = $1, $1 <= x, x = any($1), x in ($1, $2), x between $1 and $2.
function compare(node: Ast, ranges: Ranges, use: Use): void {
  const items = (value: unknown): unknown[] => {
    const inner = isAst(value) ? child(value, "List") : undefined;
    return inner === undefined ? [value] : list(inner, "items");
  };
  for (const [a, b] of [
    [node["lexpr"], node["rexpr"]],
    [node["rexpr"], node["lexpr"]],
  ]) {
    const ref = isAst(a) ? child(a, "ColumnRef") : undefined;
    if (ref === undefined) continue;
    for (const value of items(b)) use(value, ranges.column(ref), false);
  }
}
