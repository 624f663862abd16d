import type { Node } from "libpg-query";
import { nameOf, namesOf } from "./types.ts";

const NO_NAME = "?column?";

/** columnName is the name that PostgreSQL gives to an output column without AS. Source: FigureColname, parse_target.c */
export function columnName(node: Node | undefined): string {
  return strongName(node) ?? weakName(node) ?? NO_NAME;
}

function strongName(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if ("ColumnRef" in node) return namesOf(node.ColumnRef.fields).at(-1);
  if ("A_Indirection" in node) {
    return namesOf(node.A_Indirection.indirection).at(-1) ?? strongName(node.A_Indirection.arg);
  }
  if ("FuncCall" in node) return nameOf(node.FuncCall.funcname);
  if ("A_Expr" in node) return node.A_Expr.kind === "AEXPR_NULLIF" ? "nullif" : undefined;
  if ("TypeCast" in node) return strongName(node.TypeCast.arg);
  if ("CollateClause" in node) return strongName(node.CollateClause.arg);
  if ("GroupingFunc" in node) return "grouping";
  if ("MergeSupportFunc" in node) return "merge_action";
  if ("CaseExpr" in node) return strongName(node.CaseExpr.defresult);
  if ("A_ArrayExpr" in node) return "array";
  if ("RowExpr" in node) return "row";
  if ("CoalesceExpr" in node) return "coalesce";
  if ("MinMaxExpr" in node) return node.MinMaxExpr.op === "IS_LEAST" ? "least" : "greatest";
  if ("SQLValueFunction" in node) {
    return node.SQLValueFunction.op?.replace(/^SVFOP_|_N$/g, "").toLowerCase();
  }
  if ("JsonObjectConstructor" in node) return "json_object";
  if ("JsonArrayConstructor" in node || "JsonArrayQueryConstructor" in node) return "json_array";
  if ("JsonObjectAgg" in node) return "json_objectagg";
  if ("JsonArrayAgg" in node) return "json_arrayagg";
  if ("JsonParseExpr" in node) return "json";
  if ("JsonScalarExpr" in node) return "json_scalar";
  if ("JsonSerializeExpr" in node) return "json_serialize";
  if ("JsonFuncExpr" in node) return node.JsonFuncExpr.op?.replace(/_OP$/, "").toLowerCase();
  if ("XmlSerialize" in node) return "xmlserialize";
  if ("XmlExpr" in node) {
    return node.XmlExpr.op === "IS_DOCUMENT" ? undefined : node.XmlExpr.op?.replace(/^IS_/, "").toLowerCase();
  }
  return "SubLink" in node ? nameOfQuery(node) : undefined;
}

// A name that gives way to any other: a cast's type, and CASE.
function weakName(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if ("TypeCast" in node) return nameOf(node.TypeCast.typeName?.names);
  if ("CollateClause" in node) return weakName(node.CollateClause.arg);
  if ("A_Indirection" in node) return weakName(node.A_Indirection.arg);
  return "CaseExpr" in node ? "case" : undefined;
}

function nameOfQuery(node: Extract<Node, { SubLink: unknown }>): string | undefined {
  const { subLinkType, subselect } = node.SubLink;
  if (subLinkType === "EXISTS_SUBLINK") return "exists";
  if (subLinkType === "ARRAY_SUBLINK") return "array";
  if (subLinkType !== "EXPR_SUBLINK" || subselect === undefined || !("SelectStmt" in subselect)) return undefined;
  let select = subselect.SelectStmt;
  while (select.larg !== undefined) select = select.larg;
  if (select.valuesLists !== undefined) return "column1";
  const target = select.targetList?.[0];
  if (target === undefined || !("ResTarget" in target)) return undefined;
  const { name, val } = target.ResTarget;
  return name ?? (val === undefined ? undefined : columnName(val));
}
