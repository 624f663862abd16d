import type { Node, SelectStmt } from "libpg-query";
import { builtIn, isAggregateHere } from "./call.ts";
import { columnName } from "./column-name.ts";
import { whenTrue } from "./facts.ts";
import { fromItems } from "./from.ts";
import { AGGREGATES, FUNCTIONS, WINDOWS } from "./functions.ts";
import { grouping } from "./grouping.ts";
import { narrow } from "./narrow.ts";
import { type Env, type Output, type OutputColumn, type Scope, findAlias, isNotNull, resolve } from "./scope.ts";
import { namesOf } from "./types.ts";
import { calls } from "./walk.ts";

/** selectOutput says what a SELECT returns that is no VALUES and no set operation. */
export function selectOutput(stmt: SelectStmt, around: Env): Output {
  const outside: Env = { ...around, scope: { items: [], ctes: new Map(), outer: around.scope } };
  const items = fromItems(stmt.fromClause ?? [], outside);
  const all: Env = { ...outside, scope: { ...outside.scope, items } };
  const rows: Scope = { ...all.scope, items: narrow(items, whenTrue(stmt.whereClause, all)) };
  const groups = grouping(stmt, { ...all, scope: rows });
  const grouped: Scope = { ...rows, items: groups.items, rows, groups: groups.nonEmpty, windows: windowsOf(stmt) };
  const having = whenTrue(stmt.havingClause, { ...all, scope: grouped });
  const env: Env = { ...all, scope: { ...grouped, items: narrow(grouped.items, having) } };
  const targets = targetList(stmt.targetList ?? [], env);
  const columns = groups.opaque ? targets.columns.map((column) => ({ ...column, notNull: false })) : targets.columns;
  return { columns, open: targets.open, someRow: hasOneRow(stmt, env) };
}

/** targetList evaluates what stands after SELECT or RETURNING. */
export function targetList(targets: readonly Node[], env: Env): Pick<Output, "columns" | "open"> {
  const columns: OutputColumn[] = [];
  let open = false;
  for (const each of targets) {
    const { name, val } = "ResTarget" in each ? each.ResTarget : {};
    const star = starOf(val, env);
    if (star !== undefined) {
      columns.push(...star.columns);
      open ||= star.open;
      continue;
    }
    const source =
      val !== undefined && "ColumnRef" in val ? resolve(namesOf(val.ColumnRef.fields), env.scope)?.column : undefined;
    columns.push({ ...env.evaluate(val, env), name: name ?? columnName(val), source });
  }
  return { columns, open };
}

function starOf(node: Node | undefined, env: Env): Pick<Output, "columns" | "open"> | undefined {
  if (node === undefined) return undefined;
  // The columns of "(composite).*" are not known.
  if ("A_Indirection" in node) {
    const star = node.A_Indirection.indirection?.some((each) => "A_Star" in each) === true;
    return star ? { columns: [], open: true } : undefined;
  }
  if (!("ColumnRef" in node) || node.ColumnRef.fields?.some((field) => "A_Star" in field) !== true) return undefined;
  const [alias, schema] = namesOf(node.ColumnRef.fields).toReversed();
  if (alias === undefined) {
    const { items } = env.scope;
    const columns = items.flatMap((item) => item.columns);
    return { columns: columns.map(asOutput), open: items.some((item) => item.open) };
  }
  for (let level: Scope | undefined = env.scope; level !== undefined; level = level.outer) {
    const relation = findAlias(level, alias, schema);
    if (relation !== undefined) return { columns: relation.columns.map(asOutput), open: relation.open };
  }
  return { columns: [], open: true };
}

function asOutput(column: Env["scope"]["items"][number]["columns"][number]): OutputColumn {
  return { name: column.name, type: column.type, notNull: isNotNull(column), source: column };
}

function windowsOf(stmt: SelectStmt): ReadonlyMap<string, number> {
  return new Map(
    (stmt.windowClause ?? []).flatMap((each) =>
      "WindowDef" in each ? [[each.WindowDef.name ?? "", each.WindowDef.frameOptions ?? 0] as const] : [],
    ),
  );
}

// Without FROM there is one row, and an aggregate without groups makes one of any number; a function that returns rows
// may still return none.
function hasOneRow(stmt: SelectStmt, env: Env): boolean {
  if (stmt.havingClause !== undefined || stmt.groupClause !== undefined) return false;
  const found = calls(stmt.targetList ?? []);
  const plain = found.every((call) => {
    const name = builtIn(call, env) ?? "";
    return FUNCTIONS.has(name) || AGGREGATES.has(name) || WINDOWS.has(name);
  });
  if (!plain) return false;
  if (stmt.fromClause === undefined && stmt.whereClause === undefined) return true;
  const rows: Env = { ...env, scope: env.scope };
  return found.some((call) => isAggregateHere(call, rows));
}
