import type { Node, ReturningClause, RangeVar } from "libpg-query";
import { findRelation } from "./catalog.ts";
import { withCtes } from "./ctes.ts";
import { whenTrue } from "./facts.ts";
import { fromItems } from "./from.ts";
import { mayBeAbsent, narrow } from "./narrow.ts";
import { itemOf, tableOf } from "./relation.ts";
import { type Env, type Item, type Output, type Relation } from "./scope.ts";
import { targetList } from "./select.ts";

/** dataOutput says what INSERT, UPDATE, DELETE and MERGE return; undefined of another statement. */
export function dataOutput(node: Node, around: Env): Output | undefined {
  if ("InsertStmt" in node) {
    const { relation, withClause, returningClause: returning } = node.InsertStmt;
    const env = levelIn(withCtes(withClause, around));
    return output(relation, returning, { old: false, new: true }, [], env);
  }
  if ("UpdateStmt" in node) {
    const { relation, withClause, returningClause: returning, fromClause = [], whereClause } = node.UpdateStmt;
    const env = levelIn(withCtes(withClause, around));
    const others = filtered(relation, fromClause, whereClause, env).slice(1);
    return output(relation, returning, { old: true, new: true }, others, env);
  }
  if ("DeleteStmt" in node) {
    const { relation, withClause, returningClause: returning, usingClause = [], whereClause } = node.DeleteStmt;
    const env = levelIn(withCtes(withClause, around));
    const [target, ...others] = filtered(relation, usingClause, whereClause, env);
    return output(relation, returning, { old: true, new: false }, others, env, target);
  }
  if (!("MergeStmt" in node)) return undefined;
  const { relation, sourceRelation, withClause, returningClause: returning, mergeWhenClauses = [] } = node.MergeStmt;
  const env = levelIn(withCtes(withClause, around));
  const [source] = fromItems(sourceRelation === undefined ? [] : [sourceRelation], env);
  const alone = mergeWhenClauses.some(
    (each) => "MergeWhenClause" in each && each.MergeWhenClause.matchKind === "MERGE_WHEN_NOT_MATCHED_BY_SOURCE",
  );
  const others = source === undefined ? [] : [alone ? mayBeAbsent(source, { implied: new Set() }) : source];
  // Of MERGE, "*" gives the source's columns first.
  return output(relation, returning, { old: false, new: false }, others, env, undefined, true);
}

// The target as it may be written, and then the other relations; all under the condition.
function filtered(range: RangeVar | undefined, from: readonly Node[], where: Node | undefined, env: Env): Item[] {
  const items = [itemOf(targetOf(range, env)), ...fromItems(from, env)];
  return narrow(items, whenTrue(where, { ...env, scope: { ...env.scope, items } }));
}

function output(
  range: RangeVar | undefined,
  returning: ReturningClause | undefined,
  // Whether the row of before, and that of after, is surely there.
  versions: { readonly old: boolean; readonly new: boolean },
  others: readonly Item[],
  env: Env,
  // What the condition proves of the target counts for DELETE alone: UPDATE and triggers write other values.
  target: Item = itemOf(targetOf(range, env)),
  last = false,
): Output {
  const extra = (["old", "new"] as const).map((version): Item => {
    const kind = version === "old" ? "RETURNING_OPTION_OLD" : "RETURNING_OPTION_NEW";
    const alias = returning?.options?.flatMap((each) =>
      "ReturningOption" in each && each.ReturningOption.option === kind ? [each.ReturningOption.value ?? ""] : [],
    )[0];
    const relation: Relation = { ...targetOf(range, env), alias: alias ?? version, schema: undefined };
    const item = itemOf(relation);
    const there = versions[version] ? item : mayBeAbsent(item, { implied: new Set() });
    // They are named in full: "*" and a name alone mean the target.
    return { ...there, columns: [], open: false };
  });
  const items = last ? [...others, target] : [target, ...others];
  const scope = { ...env.scope, items: [...items, ...extra] };
  const targets = targetList(returning?.exprs ?? [], { ...env, scope });
  return { ...targets, someRow: false };
}

// Of a view's claims nothing holds for what is written through it, and its triggers return what they like.
function targetOf(range: RangeVar | undefined, env: Env): Relation {
  const found = findRelation(env.catalog, range?.relname ?? "", range?.schemaname);
  const columns = found?.columns.map((column) => ({ ...column, notNull: found.table && column.notNull }));
  return tableOf(found === undefined || columns === undefined ? undefined : { ...found, columns }, range ?? {});
}

function levelIn(env: Env): Env {
  return { ...env, scope: { items: [], ctes: new Map(), outer: env.scope } };
}
