import type { A_Expr, FuncCall, Node } from "libpg-query";
import { builtIn } from "./call.ts";
import { isOwnCast } from "./cast.ts";
import { FUNCTIONS, STRICT_OPERATORS } from "./functions.ts";
import { isOperatorIn, listOf, operatorOf, rowOf } from "./operator.ts";
import { type Env, resolve } from "./scope.ts";
import { TEXTS, namesOf } from "./types.ts";

/** Ids are columns by their id. */
export type Ids = ReadonlySet<number>;
const NONE: Ids = new Set();

/** whenTrue are the columns that are not null where a condition is true. */
export function whenTrue(node: Node | undefined, env: Env): Ids {
  if (node === undefined) return NONE;
  if ("BoolExpr" in node) {
    const args = node.BoolExpr.args ?? [];
    if (node.BoolExpr.boolop === "NOT_EXPR") return whenFalse(args[0], env);
    const each = args.map((arg) => whenTrue(arg, env));
    return node.BoolExpr.boolop === "AND_EXPR" ? union(each) : intersection(each);
  }
  if ("NullTest" in node)
    return node.NullTest.nulltesttype === "IS_NOT_NULL" ? whenPresent(node.NullTest.arg, env) : NONE;
  if ("BooleanTest" in node) {
    const { booltesttype, arg } = node.BooleanTest;
    if (booltesttype === "IS_TRUE") return whenTrue(arg, env);
    if (booltesttype === "IS_FALSE") return whenFalse(arg, env);
    return booltesttype === "IS_NOT_UNKNOWN" ? whenPresent(arg, env) : NONE;
  }
  if ("SubLink" in node) {
    const { subLinkType, testexpr, operName } = node.SubLink;
    // One of the rows is equal to it.
    if (subLinkType !== "ANY_SUBLINK" || operName !== undefined || env.catalog.operators.some((o) => o.name === "=")) {
      return NONE;
    }
    return union((rowOf(testexpr) ?? [testexpr]).map((each) => whenPresent(each, env)));
  }
  return "A_Expr" in node ? comparisonTrue(node.A_Expr, env) : whenPresent(node, env);
}

/** whenFalse are the columns that are not null where a condition is false, which is not null. */
export function whenFalse(node: Node | undefined, env: Env): Ids {
  if (node === undefined) return NONE;
  if ("BoolExpr" in node) {
    const args = node.BoolExpr.args ?? [];
    if (node.BoolExpr.boolop === "NOT_EXPR") return whenTrue(args[0], env);
    const each = args.map((arg) => whenFalse(arg, env));
    return node.BoolExpr.boolop === "OR_EXPR" ? union(each) : intersection(each);
  }
  if ("NullTest" in node) return node.NullTest.nulltesttype === "IS_NULL" ? whenPresent(node.NullTest.arg, env) : NONE;
  if ("BooleanTest" in node) {
    const { booltesttype, arg } = node.BooleanTest;
    if (booltesttype === "IS_NOT_TRUE") return whenTrue(arg, env);
    if (booltesttype === "IS_NOT_FALSE") return whenFalse(arg, env);
    return booltesttype === "IS_UNKNOWN" ? whenPresent(arg, env) : NONE;
  }
  return whenPresent(node, env);
}

/** unlessTrue are the columns that are not null where a condition is not true: false or null. */
export function unlessTrue(node: Node | undefined, env: Env): Ids {
  if (node === undefined) return NONE;
  if ("BoolExpr" in node && node.BoolExpr.boolop === "OR_EXPR") {
    return union((node.BoolExpr.args ?? []).map((arg) => unlessTrue(arg, env)));
  }
  return "NullTest" in node ? whenFalse(node, env) : NONE;
}

/** whenPresent are the columns that are not null where an expression is not. */
export function whenPresent(node: Node | undefined, env: Env): Ids {
  if (node === undefined) return NONE;
  if ("ColumnRef" in node) {
    const fields = node.ColumnRef.fields ?? [];
    const column = fields.some((field) => "A_Star" in field) ? undefined : resolve(namesOf(fields), env.scope)?.column;
    return column === undefined ? NONE : new Set([column.id]);
  }
  if ("CollateClause" in node) return whenPresent(node.CollateClause.arg, env);
  if ("NamedArgExpr" in node) return whenPresent(node.NamedArgExpr.arg, env);
  if ("TypeCast" in node) {
    return isOwnCast(node.TypeCast, env.catalog) ? NONE : whenPresent(node.TypeCast.arg, env);
  }
  if ("CoalesceExpr" in node) return intersection((node.CoalesceExpr.args ?? []).map((arg) => whenPresent(arg, env)));
  if ("MinMaxExpr" in node) return intersection((node.MinMaxExpr.args ?? []).map((arg) => whenPresent(arg, env)));
  if ("FuncCall" in node) return callPresent(node.FuncCall, env);
  return "A_Expr" in node ? operatorPresent(node.A_Expr, env) : NONE;
}

/** union are the columns of any of several sets. */
export function union(sets: readonly Ids[]): Ids {
  return new Set(sets.flatMap((set) => [...set]));
}

function intersection(sets: readonly Ids[]): Ids {
  return sets.length === 0 ? NONE : sets.reduce((a, b) => new Set([...a].filter((id) => b.has(id))));
}

function callPresent(call: FuncCall, env: Env): Ids {
  const name = builtIn(call, env);
  const kind = FUNCTIONS.get(name ?? "")?.kind;
  if (kind !== "strict" && kind !== "maybe") return NONE;
  return call.func_variadic === true || call.over !== undefined
    ? NONE
    : union((call.args ?? []).map((arg) => whenPresent(arg, env)));
}

// What is neither here nor strict, like "a < ANY (b)" for an empty b, may be false or true with a null.
function operatorPresent(expr: A_Expr, env: Env): Ids {
  if (rowOf(expr.lexpr) !== undefined || listOf(expr.rexpr).some((each) => rowOf(each) !== undefined)) return NONE;
  const left = whenPresent(expr.lexpr, env);
  switch (expr.kind) {
    case "AEXPR_OP":
    case "AEXPR_LIKE":
    case "AEXPR_ILIKE":
      return isStrict(expr, operatorOf(expr), env) ? union([left, whenPresent(expr.rexpr, env)]) : NONE;
    case "AEXPR_NULLIF":
      return left;
    case "AEXPR_IN":
      return isStrict(expr, operatorOf(expr), env) ? left : NONE;
    case "AEXPR_SIMILAR":
      return isStrict(expr, operatorOf(expr), env) ? left : NONE;
    case "AEXPR_BETWEEN":
    case "AEXPR_NOT_BETWEEN":
    case "AEXPR_BETWEEN_SYM":
    case "AEXPR_NOT_BETWEEN_SYM":
      return [">=", "<=", "<", ">"].every((name) => isStrict(expr, name, env)) ? left : NONE;
    default:
      return NONE;
  }
}

function comparisonTrue(expr: A_Expr, env: Env): Ids {
  const name = operatorOf(expr);
  const right = listOf(expr.rexpr);
  const [row, other] = [rowOf(expr.lexpr), rowOf(right[0])];
  switch (expr.kind) {
    case "AEXPR_OP":
      if (row === undefined && other === undefined) return operatorPresent(expr, env);
      // Rows are equal when all their fields are; "<" may be decided before the last.
      if (name !== "=" || env.catalog.operators.some((each) => each.name === "=")) return NONE;
      return union([...(row ?? []), ...(other ?? [])].map((each) => whenPresent(each, env)));
    case "AEXPR_IN":
      if (row === undefined) return operatorPresent(expr, env);
      if (name !== "=" || env.catalog.operators.some((each) => each.name === "=")) return NONE;
      return union(row.map((each) => whenPresent(each, env)));
    case "AEXPR_OP_ANY":
      return isStrict(expr, name, env) ? union([expr.lexpr, expr.rexpr].map((each) => whenPresent(each, env))) : NONE;
    case "AEXPR_BETWEEN":
    case "AEXPR_BETWEEN_SYM":
      return union([operatorPresent(expr, env), ...right.map((each) => whenPresent(each, env))]);
    case "AEXPR_DISTINCT":
      return right.some(isNullLiteral) ? whenPresent(expr.lexpr, env) : NONE;
    case "AEXPR_NOT_DISTINCT":
      if (right.every((each) => env.evaluate(each, env).notNull)) return whenPresent(expr.lexpr, env);
      return env.evaluate(expr.lexpr, env).notNull ? union(right.map((each) => whenPresent(each, env))) : NONE;
    default:
      return operatorPresent(expr, env);
  }
}

function isStrict(expr: A_Expr, name: string, env: Env): boolean {
  if (name !== "||") return isOperatorIn(expr, name, env, STRICT_OPERATORS);
  // An array takes a null as "nothing to add".
  const types = [expr.lexpr, expr.rexpr].map((each) => env.evaluate(each, env).type ?? "");
  return types.every((type) => TEXTS.has(type)) && isOperatorIn(expr, name, env, new Set(["||"]));
}

function isNullLiteral(node: Node): boolean {
  return "A_Const" in node && node.A_Const.isnull === true;
}
