import type { Node } from "libpg-query";
import type { Catalog } from "../catalog.ts";
import { columnsOf } from "../columns.ts";
import type { Analyse } from "./fuzz.ts";

/** BROKEN are analyses that miss something: the real one, of a statement or a catalog that says too much. */
export const BROKEN: Readonly<Record<string, Analyse>> = {
  "LEFT JOIN taken for JOIN": rewritten({ JOIN_LEFT: "JOIN_INNER" }),
  "FULL JOIN taken for LEFT JOIN": rewritten({ JOIN_FULL: "JOIN_LEFT" }),
  "OR taken for AND": rewritten({ OR_EXPR: "AND_EXPR" }),
  "IS NULL taken for IS NOT NULL": rewritten({ IS_NULL: "IS_NOT_NULL" }),
  "UNION taken for INTERSECT": rewritten({ SETOP_UNION: "SETOP_INTERSECT" }),
  "ROLLUP taken for plain groups": rewritten({ GROUPING_SET_ROLLUP: "GROUPING_SET_SIMPLE" }),
  "NULLIF taken for an operator": rewritten({ AEXPR_NULLIF: "AEXPR_OP" }),
  "FILTER overlooked": without("agg_filter"),
  "ELSE taken for granted": (statement, catalog) => columnsOf(withElse(statement), catalog),
  "every column NOT NULL": (statement, catalog) => columnsOf(statement, allNotNull(catalog)),
  "everything claimed": (statement, catalog) =>
    columnsOf(statement, catalog)?.map((each) => ({ ...each, notNull: true })),
};

function rewritten(words: Readonly<Record<string, string>>): Analyse {
  const change = (_: string, value: unknown): unknown => (typeof value === "string" ? (words[value] ?? value) : value);
  return (statement, catalog) => columnsOf(copy(statement, change), catalog);
}

function without(field: string): Analyse {
  return (statement, catalog) =>
    columnsOf(
      copy(statement, (key, value) => (key === field ? undefined : value)),
      catalog,
    );
}

function withElse(statement: Node): Node {
  const one = { A_Const: { ival: { ival: 1 } } };
  return copy(statement, (key, value) => (key === "CaseExpr" ? { defresult: one, ...(value as object) } : value));
}

function copy(statement: Node, change: (key: string, value: unknown) => unknown): Node {
  return JSON.parse(JSON.stringify(statement, change)) as Node;
}

function allNotNull(catalog: Catalog): Catalog {
  const relations = catalog.relations.map((relation) => ({
    ...relation,
    columns: relation.columns.map((column) => ({ ...column, notNull: true })),
  }));
  return { ...catalog, relations };
}
