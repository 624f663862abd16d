import type { CaseExpr, Node, SQLValueFunctionOp, SubLink } from "libpg-query";
import { evaluateCall } from "./call.ts";
import { evaluateCast } from "./cast.ts";
import { type Ids, union, unlessTrue, whenPresent, whenTrue } from "./facts.ts";
import { OPERATORS } from "./functions.ts";
import { narrow } from "./narrow.ts";
import { evaluateOperator, isForeign, rowOf } from "./operator.ts";
import { type Env, type Scope, type Value, isNotNull, mapColumns, resolve } from "./scope.ts";
import { commonType, namesOf } from "./types.ts";

const UNKNOWN: Value = { notNull: false, type: undefined };

type Kinds<T> = T extends unknown ? keyof T : never;
type Rules = {
  readonly [K in Kinds<Node>]?: (node: Extract<Node, Record<K, unknown>>[K], env: Env) => Value;
};

/** evaluate says whether an expression can be null, and its type where that matters. What has no rule may be null. */
export function evaluate(node: Node | undefined, env: Env): Value {
  for (const [kind, value] of Object.entries(node ?? {})) {
    // The table's types say that a rule takes what stands under its own name.
    const rule = RULES[kind as keyof Rules] as ((value: unknown, env: Env) => Value) | undefined;
    if (rule !== undefined) return rule(value, env);
  }
  return UNKNOWN;
}

const RULES: Rules = {
  A_Const: (constant) => ({ notNull: constant.isnull !== true, type: typeOfConstant(constant) }),
  ParamRef: ({ number }, { parameters }) => parameters[(number ?? 0) - 1] ?? UNKNOWN,
  ColumnRef: ({ fields }, env) => {
    if (fields?.some((field) => "A_Star" in field) !== false) return UNKNOWN;
    const column = resolve(namesOf(fields), env.scope)?.column;
    if (column === undefined) return UNKNOWN;
    return { notNull: isNotNull(column) || env.known.has(column.id), type: column.type };
  },
  A_Expr: evaluateOperator,
  FuncCall: evaluateCall,
  TypeCast: evaluateCast,
  CaseExpr: evaluateCase,
  SubLink: evaluateSubLink,
  NamedArgExpr: ({ arg }, env) => evaluate(arg, env),
  CollateClause: ({ arg }, env) => evaluate(arg, env),
  BoolExpr: ({ args = [] }, env) => ({ notNull: args.every((arg) => evaluate(arg, env).notNull), type: "bool" }),
  CoalesceExpr: ({ args = [] }, env) => anyOf(args, env),
  MinMaxExpr: ({ args = [] }, env) => anyOf(args, env),
  NullTest: () => ({ notNull: true, type: "bool" }),
  BooleanTest: () => ({ notNull: true, type: "bool" }),
  A_ArrayExpr: () => ({ notNull: true, type: "array" }),
  RowExpr: () => ({ notNull: true, type: "record" }),
  GroupingFunc: () => ({ notNull: true, type: "int4" }),
  MergeSupportFunc: () => ({ notNull: true, type: "text" }),
  JsonObjectConstructor: () => ({ notNull: true, type: undefined }),
  JsonArrayConstructor: () => ({ notNull: true, type: undefined }),
  JsonIsPredicate: ({ expr }, env) => ({ notNull: evaluate(expr, env).notNull, type: "bool" }),
  SQLValueFunction: ({ op }) => ({ notNull: op !== "SVFOP_CURRENT_SCHEMA", type: typeOfKeyword(op) }),
};

function anyOf(args: readonly Node[], env: Env): Value {
  const values = args.map((arg) => evaluate(arg, env));
  return { notNull: values.some((value) => value.notNull), type: commonType(values.map((value) => value.type)) };
}

// Each result is under its condition, and after those before it were not true.
function evaluateCase({ arg, args = [], defresult }: CaseExpr, env: Env): Value {
  const values: Value[] = [];
  let rest = env;
  for (const each of args) {
    const when = "CaseWhen" in each ? each.CaseWhen : {};
    // "CASE x WHEN y" is true where x = y is.
    const ids = arg === undefined ? whenTrue(when.expr, rest) : equal(arg, when.expr, rest);
    values.push(evaluate(when.result, knowing(rest, ids)));
    if (arg === undefined) rest = knowing(rest, unlessTrue(when.expr, rest));
  }
  values.push(evaluate(defresult, rest));
  const types = values.map((value) => value.type);
  return {
    notNull: values.every((value) => value.notNull),
    type: commonType(defresult === undefined ? types.slice(0, -1) : types),
  };
}

function equal(left: Node, right: Node | undefined, env: Env): Ids {
  if (right === undefined || env.catalog.operators.some((each) => each.name === "=")) return new Set();
  return rowOf(left) === undefined && rowOf(right) === undefined
    ? union([whenPresent(left, env), whenPresent(right, env)])
    : new Set();
}

// What a proven column implies counts too: of a row that is there, all columns are what they were declared.
function knowing(env: Env, ids: Ids): Env {
  if (ids.size === 0) return env;
  const known = new Set([...env.known, ...ids]);
  for (let level: Scope | undefined = env.scope; level !== undefined; level = level.outer) {
    for (const item of narrow(level.items, ids)) {
      mapColumns(item, (column) => {
        if (isNotNull(column)) known.add(column.id);
        return column;
      });
    }
  }
  return { ...env, known };
}

function evaluateSubLink(link: SubLink, env: Env): Value {
  const output = env.query(link.subselect, env);
  switch (link.subLinkType) {
    case "EXISTS_SUBLINK":
      return { notNull: true, type: "bool" };
    case "ARRAY_SUBLINK":
      return { notNull: true, type: "array" };
    case "EXPR_SUBLINK": {
      const column = output.columns[0];
      return { notNull: output.someRow && column?.notNull === true, type: column?.type };
    }
    case "ANY_SUBLINK":
    case "ALL_SUBLINK": {
      const operator = link.operName === undefined ? "=" : (namesOf(link.operName).at(-1) ?? "");
      const fields = (rowOf(link.testexpr) ?? [link.testexpr]).map((each) => evaluate(each, env));
      const plain = fields.every(({ type }, i) => !isForeign(env.catalog, operator, type, output.columns[i]?.type));
      const total = OPERATORS.has(operator) && plain && !output.open && link.operName?.length !== 2;
      return { notNull: total && [...fields, ...output.columns].every((each) => each.notNull), type: "bool" };
    }
    default:
      return UNKNOWN;
  }
}

function typeOfConstant(constant: Extract<Node, { A_Const: unknown }>["A_Const"]): string {
  if (constant.ival !== undefined) return "int4";
  if (constant.fval !== undefined) return "numeric";
  if (constant.boolval !== undefined) return "bool";
  return constant.bsval === undefined ? "unknown" : "bit";
}

function typeOfKeyword(op: SQLValueFunctionOp | undefined): string {
  if (op === "SVFOP_CURRENT_DATE") return "date";
  if (op?.includes("TIMESTAMP") === true) return "timestamptz";
  return op?.includes("TIME") === true ? "time" : "name";
}
