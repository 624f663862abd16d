import type { GroupingSet, Node, SelectStmt } from "libpg-query";
import { type Env, type Item, mapColumns, resolve } from "./scope.ts";
import { namesOf } from "./types.ts";

/** Grouping is what GROUP BY does to the columns of a level. */
export interface Grouping {
  readonly items: readonly Item[];
  /** nonEmpty says that every group has a row. */
  readonly nonEmpty: boolean;
  /** opaque says that a grouping set may put null in place of more than columns. */
  readonly opaque: boolean;
}

/** grouping says what the groups leave of the rows' columns: a column that some grouping set leaves out is null there. */
export function grouping(stmt: SelectStmt, env: Env): Grouping {
  const { items } = env.scope;
  const clause = stmt.groupClause ?? [];
  const nonEmpty = clause.some(isNeverEmpty);
  if (!clause.some((each) => "GroupingSet" in each)) return { items, nonEmpty, opaque: false };
  const kept = new Set<number>();
  let opaque = false;
  for (const each of clause) {
    const ids = keptIn(each, stmt, env);
    if (ids === undefined) opaque = true;
    else for (const id of ids) kept.add(id);
  }
  const after = items.map((item) =>
    mapColumns(item, (column) =>
      kept.has(column.id) ? column : { ...column, absent: [...column.absent, { implied: new Set() }] },
    ),
  );
  return { items: after, nonEmpty, opaque };
}

function isNeverEmpty(node: Node): boolean {
  if (!("GroupingSet" in node)) return true;
  const { kind, content = [] } = node.GroupingSet;
  return kind === "GROUPING_SET_SIMPLE" || (kind === "GROUPING_SET_SETS" && content.every(isNeverEmpty));
}

// The columns that are in each of the sets; undefined when there is more in one than columns.
function keptIn(node: Node, stmt: SelectStmt, env: Env): ReadonlySet<number> | undefined {
  if ("GroupingSet" in node) return keptInSet(node.GroupingSet, stmt, env);
  if ("RowExpr" in node && node.RowExpr.row_format === "COERCE_IMPLICIT_CAST") {
    const all = (node.RowExpr.args ?? []).map((each) => keptIn(each, stmt, env));
    return all.includes(undefined) ? undefined : new Set(all.flatMap((ids) => [...ids!]));
  }
  const id = columnId(node, stmt, env);
  return id === undefined ? undefined : new Set([id]);
}

function keptInSet({ kind, content = [] }: GroupingSet, stmt: SelectStmt, env: Env): ReadonlySet<number> | undefined {
  if (kind === "GROUPING_SET_EMPTY") return new Set();
  const all = content.map((each) => keptIn(each, stmt, env));
  if (all.includes(undefined)) return undefined;
  if (kind !== "GROUPING_SET_SETS") return new Set();
  return all.reduce((a, b) => new Set([...a!].filter((id) => b!.has(id)))) ?? new Set();
}

// A name is a column of FROM first, and then one of the output, as a number always is.
function columnId(node: Node, stmt: SelectStmt, env: Env): number | undefined {
  if ("ColumnRef" in node) {
    const names = namesOf(node.ColumnRef.fields);
    const found = resolve(names, env.scope);
    if (found?.scope === env.scope) return found.column?.id;
    const target = stmt.targetList?.find((each) => "ResTarget" in each && each.ResTarget.name === names[0]);
    return names.length === 1 ? sourceId(target, env) : undefined;
  }
  if (!("A_Const" in node)) return undefined;
  const before = (stmt.targetList ?? []).slice(0, node.A_Const.ival?.ival ?? 0);
  // A "*" before it moves the count.
  return before.some((each) => JSON.stringify(each).includes("A_Star")) ? undefined : sourceId(before.at(-1), env);
}

function sourceId(target: Node | undefined, env: Env): number | undefined {
  const val = target !== undefined && "ResTarget" in target ? target.ResTarget.val : undefined;
  if (val === undefined || !("ColumnRef" in val)) return undefined;
  const found = resolve(namesOf(val.ColumnRef.fields), env.scope);
  return found?.scope === env.scope ? found.column?.id : undefined;
}
