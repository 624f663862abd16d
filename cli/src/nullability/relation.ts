import type { Alias, RangeVar } from "libpg-query";
import { type Catalog, type CatalogRelation, findRelation } from "./catalog.ts";
import { type Item, type Output, type Relation, type Scope, newColumn } from "./scope.ts";
import { namesOf } from "./types.ts";

const SYSTEM_COLUMNS = { tableoid: "oid", ctid: "tid", xmin: "xid", xmax: "xid", cmin: "cid", cmax: "cid" };

/** itemOf is an entry of FROM that is one relation. */
export function itemOf(relation: Relation): Item {
  return { relations: relation.alias === "" ? [] : [relation], columns: relation.columns, open: relation.open };
}

/** relationOf is what a name in FROM means: a CTE, or a relation of the catalog. */
export function relationOf(range: RangeVar, scope: Scope, catalog: Catalog): Relation {
  const name = range.relname ?? "";
  const cte = range.schemaname === undefined ? findCte(name, scope) : undefined;
  if (cte !== undefined) return derived(cte, range.alias, name);
  return tableOf(findRelation(catalog, name, range.schemaname), range);
}

/** tableOf is a relation of the catalog under the name that a statement gives it. */
export function tableOf(found: CatalogRelation | undefined, range: RangeVar): Relation {
  const names = namesOf(range.alias?.colnames);
  const columns = (found?.columns ?? []).map((each, i) => newColumn(names[i] ?? each.name, each.type, each.notNull));
  const hidden = Object.entries(SYSTEM_COLUMNS).map(([name, type]) => newColumn(name, type, true));
  return {
    alias: range.alias?.aliasname ?? range.relname ?? "",
    schema: range.alias === undefined ? found?.schema : undefined,
    columns,
    hidden: found?.table === true ? hidden : [],
    row: newColumn("", "record", true),
    open: found === undefined,
  };
}

/** derived is the relation that a subquery, a CTE, VALUES or a join makes of its columns. */
export function derived(output: Pick<Output, "columns" | "open">, alias: Alias | undefined, name = ""): Relation {
  const names = namesOf(alias?.colnames);
  return {
    alias: alias?.aliasname ?? name,
    schema: undefined,
    columns: output.columns.map(({ name, type, notNull }, i) =>
      newColumn(names[i] ?? name, type === "unknown" ? "text" : type, notNull),
    ),
    hidden: [],
    row: newColumn("", "record", true),
    open: output.open,
  };
}

function findCte(name: string, scope: Scope): Output | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    const found = level.ctes.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
