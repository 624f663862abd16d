import { type Ast, findAll, isAst, list, str } from "./ast.ts";
import type { Origin } from "./type-map.ts";

/**
 * neverNull says of each column of a result whether it is sure that it is never null: it comes from a NOT NULL column of
 * a table, and nothing in the statement can bring in a null.
 */
export function neverNull(statement: Ast, origins: readonly (Origin | undefined)[]): readonly boolean[] {
  const sure = !bringsNulls(statement);
  return origins.map((origin) => sure && origin?.column.notNull === true);
}

// Outer joins, grouping sets, set operations, MERGE, and the old or new row of RETURNING.
function bringsNulls(statement: Ast): boolean {
  return (
    findAll(statement, "JoinExpr").some((join) => join["jointype"] !== "JOIN_INNER") ||
    findAll(statement, "SelectStmt").some((select) => select["op"] !== "SETOP_NONE") ||
    findAll(statement, "GroupingSet").length > 0 ||
    "MergeStmt" in statement ||
    findAll(statement, "ColumnRef").some((ref) => {
      const first = list(ref, "fields")[0]?.["String"];
      return isAst(first) && /^(?:old|new)$/.test(str(first, "sval") ?? "");
    })
  );
}
