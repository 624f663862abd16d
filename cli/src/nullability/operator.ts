import type { A_Expr, Node } from "libpg-query";
import type { Catalog } from "./catalog.ts";
import { COMPARISONS, OPERATORS } from "./functions.ts";
import type { Env, Value } from "./scope.ts";
import { NUMBERS, TEXTS, TIMES, isBuiltIn, namesOf } from "./types.ts";

const UNKNOWN: Value = { notNull: false, type: undefined };

/** evaluateOperator evaluates an operator, and what is written like one: IN, LIKE, BETWEEN, ANY, IS DISTINCT FROM. */
export function evaluateOperator(expr: A_Expr, env: Env): Value {
  const right = listOf(expr.rexpr);
  switch (expr.kind) {
    case "AEXPR_OP":
      return evaluateOne(expr, env);
    case "AEXPR_DISTINCT":
    case "AEXPR_NOT_DISTINCT":
      return { notNull: isOperatorIn(expr, "=", env, OPERATORS), type: "bool" };
    case "AEXPR_NULLIF":
      return { notNull: false, type: env.evaluate(expr.lexpr, env).type };
    case "AEXPR_IN": {
      const notNull = isOperatorIn(expr, operatorOf(expr), env, OPERATORS);
      return { notNull: notNull && [expr.lexpr, ...right].every((each) => isFull(each, env)), type: "bool" };
    }
    case "AEXPR_LIKE":
    case "AEXPR_ILIKE":
    case "AEXPR_SIMILAR":
    case "AEXPR_BETWEEN":
    case "AEXPR_NOT_BETWEEN":
    case "AEXPR_BETWEEN_SYM":
    case "AEXPR_NOT_BETWEEN_SYM": {
      const names = expr.kind.includes("BETWEEN") ? [">=", "<=", "<", ">"] : [operatorOf(expr)];
      const total = names.every((name) => isOperatorIn(expr, name, env, OPERATORS));
      return { notNull: total && [expr.lexpr, ...right].every((each) => isFull(each, env)), type: "bool" };
    }
    case "AEXPR_OP_ANY":
    case "AEXPR_OP_ALL": {
      // An array that is not null may hold nulls, unless it is written out.
      const elements =
        expr.rexpr !== undefined && "A_ArrayExpr" in expr.rexpr ? expr.rexpr.A_ArrayExpr.elements : undefined;
      const full = elements?.every((each) => !("A_ArrayExpr" in each) && env.evaluate(each, env).notNull) === true;
      const total = isOperatorIn(expr, operatorOf(expr), env, OPERATORS);
      return { notNull: total && full && env.evaluate(expr.lexpr, env).notNull, type: "bool" };
    }
    default:
      return UNKNOWN;
  }
}

/** operatorOf is the operator's name; one of a named schema has none. */
export function operatorOf(expr: A_Expr): string {
  const names = namesOf(expr.name);
  return names.length > 1 && names[0] !== "pg_catalog" ? "" : (names.at(-1) ?? "");
}

/** isOperatorIn says whether an operator can only be one of pg_catalog, and one of those listed. */
export function isOperatorIn(expr: A_Expr, name: string, env: Env, list: ReadonlySet<string>): boolean {
  if (!list.has(name)) return false;
  const left = expr.lexpr === undefined ? "" : env.evaluate(expr.lexpr, env).type;
  return listOf(expr.rexpr).every((each) => !isForeign(env.catalog, name, left, env.evaluate(each, env).type));
}

/** isForeign says whether an operator between these types may be one from outside of pg_catalog. */
export function isForeign(
  catalog: Catalog,
  name: string,
  left: string | undefined,
  right: string | undefined,
): boolean {
  const others = catalog.operators.filter((each) => each.name === name);
  if (others.length === 0) return false;
  if (!(left === "" || isBuiltIn(left)) || !isBuiltIn(right)) return true;
  return others.some((each) => isLike(left, each.left) && isLike(right, each.right));
}

/** listOf are the right operands: of IN and BETWEEN there are several. */
export function listOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return [];
  return "List" in node ? (node.List.items ?? []) : [node];
}

/** rowOf are the fields of a row that is written out; PostgreSQL compares them one by one. */
export function rowOf(node: Node | undefined): readonly Node[] | undefined {
  return node !== undefined && "RowExpr" in node ? (node.RowExpr.args ?? []) : undefined;
}

/** isFull says that an operand has no null, nor, if it is a row, in a field. */
function isFull(node: Node | undefined, env: Env): boolean {
  const fields = rowOf(node);
  return fields === undefined ? env.evaluate(node, env).notNull : fields.every((field) => isFull(field, env));
}

function evaluateOne(expr: A_Expr, env: Env): Value {
  const name = operatorOf(expr);
  const [left, right] = [expr.lexpr, expr.rexpr];
  const rows = [left, right].filter((each) => rowOf(each) !== undefined).length;
  const a = left === undefined ? undefined : env.evaluate(left, env);
  const b = env.evaluate(right, env);
  const type = typeOfResult(name, a?.type, b.type);
  // A row beside a query may be one of no rows.
  if (rows === 1) return { notNull: false, type: "bool" };
  const operands = isFull(right, env) && (left === undefined || isFull(left, env));
  return { notNull: operands && isOperatorIn(expr, name, env, OPERATORS) && !mayBePaths(name, a?.type, b.type), type };
}

// Two open paths join to one; where one is closed there is no sum.
function mayBePaths(name: string, left: string | undefined, right: string | undefined): boolean {
  return name === "+" && [left, right].every((type) => type === undefined || type === "path");
}

function typeOfResult(name: string, left: string | undefined, right: string | undefined): string | undefined {
  if (COMPARISONS.has(name)) return "bool";
  const types = [left, right].filter((type) => type !== undefined);
  if (name === "||") {
    if (types.some((type) => type === "array" || type.startsWith("_"))) return "array";
    if (types.includes("jsonb")) return "jsonb";
    return types.some((type) => TEXTS.has(type)) ? "text" : undefined;
  }
  if (name === "->>" || name === "#>>") return "text";
  if (name === "->" || name === "#>") return left;
  if (!["+", "-", "*", "/", "%", "^"].includes(name)) return undefined;
  if (types.some((type) => TIMES.has(type))) return "timestamp";
  // The other side of a number is a number, as far as there is an operator; "n * money" and "n * interval" are not.
  return left !== undefined && right !== undefined && types.every((type) => NUMBERS.has(type)) ? "numeric" : undefined;
}

function isLike(type: string | undefined, declared: string): boolean {
  if (type === "unknown" || type === declared) return true;
  return type === "array" && declared.startsWith("_");
}
