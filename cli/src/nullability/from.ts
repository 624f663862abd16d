import type { JoinExpr, JsonTable, Node, RangeTableFunc } from "libpg-query";
import { whenTrue } from "./facts.ts";
import { mayBeAbsent, narrow } from "./narrow.ts";
import { functionRelation } from "./range-function.ts";
import { derived, itemOf, relationOf } from "./relation.ts";
import { type Column, type Env, type Item, type OutputColumn, type Scope, isNotNull, newColumn } from "./scope.ts";
import { namesOf, typeOf } from "./types.ts";

/** fromItems are the entries of FROM; what is LATERAL sees those before it. */
export function fromItems(nodes: readonly Node[], env: Env): Item[] {
  const items: Item[] = [];
  for (const node of nodes) items.push(fromItem(node, items, env));
  return items;
}

function fromItem(node: Node, before: readonly Item[], env: Env): Item {
  if ("RangeVar" in node) return itemOf(relationOf(node.RangeVar, env.scope, env.catalog));
  if ("RangeTableSample" in node && node.RangeTableSample.relation !== undefined) {
    return fromItem(node.RangeTableSample.relation, before, env);
  }
  const lateral: Env = { ...env, scope: { ...env.scope, items: before } };
  if ("RangeFunction" in node) return itemOf(functionRelation(node.RangeFunction, lateral));
  if ("RangeSubselect" in node) {
    const output = env.query(node.RangeSubselect.subquery, node.RangeSubselect.lateral === true ? lateral : env);
    return itemOf(derived(output, node.RangeSubselect.alias));
  }
  if ("RangeTableFunc" in node) return itemOf(xmlTable(node.RangeTableFunc, env));
  if ("JsonTable" in node) {
    return itemOf(
      derived({ columns: jsonColumns(node.JsonTable, env), open: false }, node.JsonTable.alias, "json_table"),
    );
  }
  return "JoinExpr" in node ? join(node.JoinExpr, before, env) : { relations: [], columns: [], open: true };
}

function join(expr: JoinExpr, before: readonly Item[], env: Env): Item {
  const left = fromItem(expr.larg!, before, env);
  const right = fromItem(expr.rarg!, [...before, left], env);
  const names = expr.isNatural === true ? sharedNames(left, right) : namesOf(expr.usingClause);
  const pairs = names.map((name) => [columnOf(left, name), columnOf(right, name)] as const);
  const scope: Scope = { ...env.scope, items: [left, right] };
  const equal = env.catalog.operators.some((each) => each.name === "=") ? [] : pairs.flatMap(([a, b]) => [a.id, b.id]);
  const ids = new Set([...whenTrue(expr.quals, { ...env, scope }), ...equal]);
  let [l, r] = [left, right];
  switch (expr.jointype) {
    case "JOIN_INNER":
      [l, r] = narrow([left, right], ids) as [Item, Item];
      break;
    case "JOIN_LEFT":
      r = mayBeAbsent(narrow([right], ids)[0]!, { implied: ids });
      break;
    case "JOIN_RIGHT":
      l = mayBeAbsent(narrow([left], ids)[0]!, { implied: ids });
      break;
    default:
      // Of the rows without a match the condition says nothing.
      l = mayBeAbsent(left, { implied: new Set() });
      r = mayBeAbsent(right, { implied: new Set() });
  }
  const merged = names.map((name, i) => {
    const [a, b] = pairs[i]!;
    if (expr.jointype === "JOIN_FULL") return newColumn(name, a.type, isNotNull(a) && isNotNull(b));
    return columnOf(expr.jointype === "JOIN_RIGHT" ? r : l, name);
  });
  const isOther = (column: Column): boolean => !names.includes(column.name);
  const columns = [...merged, ...l.columns.filter(isOther), ...r.columns.filter(isOther)];
  const open = left.open || right.open;
  if (expr.alias !== undefined) return itemOf(aliased(columns, open, expr));
  const using =
    expr.join_using_alias === undefined ? [] : [aliasOfUsing(merged, expr.join_using_alias.aliasname ?? "")];
  return { relations: [...l.relations, ...r.relations, ...using], columns, open };
}

// The columns keep what outer joins inside may do to them: a condition further out can still rule it out.
function aliased(columns: readonly Column[], open: boolean, expr: JoinExpr): ReturnType<typeof derived> {
  const names = namesOf(expr.alias?.colnames);
  const relation = derived({ columns: [], open }, expr.alias);
  return { ...relation, columns: columns.map((column, i) => ({ ...column, name: names[i] ?? column.name })) };
}

function aliasOfUsing(columns: readonly Column[], aliasname: string): ReturnType<typeof derived> {
  return { ...derived({ columns: [], open: false }, { aliasname }), columns };
}

function columnOf(item: Item, name: string): Column {
  return item.columns.find((column) => column.name === name) ?? newColumn(name, undefined, false);
}

function sharedNames(left: Item, right: Item): string[] {
  return left.columns.map((column) => column.name).filter((name) => right.columns.some((each) => each.name === name));
}

function xmlTable({ columns = [], alias }: RangeTableFunc, env: Env): ReturnType<typeof derived> {
  const found = columns.flatMap((each) =>
    "RangeTableFuncCol" in each
      ? [maybeNull(each.RangeTableFuncCol.colname ?? "", typeOf(each.RangeTableFuncCol.typeName, env.catalog))]
      : [],
  );
  return derived({ columns: found, open: false }, alias, "xmltable");
}

function jsonColumns({ columns = [] }: Pick<JsonTable, "columns">, env: Env): OutputColumn[] {
  return columns.flatMap((each) => {
    if (!("JsonTableColumn" in each)) return [];
    const column = each.JsonTableColumn;
    if (column.coltype === "JTC_NESTED") return jsonColumns(column, env);
    return [maybeNull(column.name ?? "", typeOf(column.typeName, env.catalog))];
  });
}

function maybeNull(name: string, type: string | undefined): OutputColumn {
  return { name, type, notNull: false, source: undefined };
}
