import type { FuncCall, Node, WindowDef } from "libpg-query";
import { isShadowed } from "./catalog.ts";
import { AGGREGATES, FUNCTIONS, WINDOWS, isTotalHere } from "./functions.ts";
import { type Env, type Scope, type Value, resolve } from "./scope.ts";
import { NUMBERS, TEXTS, nameOf, namesOf } from "./types.ts";
import { references } from "./walk.ts";

const UNKNOWN: Value = { notNull: false, type: undefined };
/** FRAME_DEFAULT is "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW" (FRAMEOPTION_DEFAULTS of parsenodes.h). */
const FRAME_DEFAULT = 0x422;
/** FRAME_SURE are the options of frames that hold their own row: no bound beyond it, no exclusion. */
const FRAME_SURE = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x100 | 0x200 | 0x400;
/** FRAME_ROWS counts in rows, and so may FRAME_AROUND: from "n PRECEDING", to "n FOLLOWING". */
const FRAME_ROWS = 0x4;
const FRAME_AROUND = 0x800 | 0x4000;

/** evaluateCall evaluates a call of a function, an aggregate or a window function. */
export function evaluateCall(call: FuncCall, env: Env): Value {
  const name = builtIn(call, env);
  if (name === undefined) return UNKNOWN;
  if (call.over !== undefined) return evaluateWindow(name, call, call.over, env);
  if (AGGREGATES.has(name)) return evaluateAggregate(name, call, env);
  const known = FUNCTIONS.get(name);
  if (known === undefined || call.agg_within_group === true) return UNKNOWN;
  const args = (call.args ?? []).map((arg) => env.evaluate(arg, env));
  const all = args.every((arg) => arg.notNull);
  const types = args.map((arg) => arg.type);
  const type = known.type === "same" ? types[0] : known.type;
  // One array in place of the arguments: null, there is nothing to build of.
  if (call.func_variadic === true) return { notNull: false, type };
  switch (known.kind) {
    case "always":
      return { notNull: true, type };
    case "first":
      return { notNull: args[0]?.notNull === true, type };
    case "maybe":
      return { notNull: all && isTotalHere(name, types, literal(call.args?.[0])), type: maybeType(name, types, type) };
    default:
      return { notNull: all, type };
  }
}

/** builtIn is the name of the function of pg_catalog that a call means for sure. */
export function builtIn(call: FuncCall, env: Env): string | undefined {
  const names = namesOf(call.funcname);
  const name = nameOf(call.funcname);
  if (names.length > 1) return names[0] === "pg_catalog" ? name : undefined;
  return isShadowed(env.catalog, name) ? undefined : name;
}

/** isAggregateHere says whether a call aggregates the rows of this level, and not those of a query around it. */
export function isAggregateHere(call: FuncCall, env: Env): boolean {
  const name = builtIn(call, env);
  if (name === undefined || !AGGREGATES.has(name) || call.over !== undefined) return false;
  const refs = references([...(call.args ?? []), ...(call.agg_filter === undefined ? [] : [call.agg_filter])]);
  return refs.length === 0 || refs.some((ref) => resolve(ref, env.scope)?.scope === env.scope);
}

function evaluateAggregate(name: string, call: FuncCall, env: Env): Value {
  const rows: Scope = env.scope.rows ?? env.scope;
  const arg = env.evaluate(call.args?.[0], { ...env, scope: rows, known: new Set() });
  const { kind, type } = valueOf(name, arg);
  if (kind === "count") return { notNull: true, type };
  const someRow =
    env.scope.groups === true &&
    call.agg_filter === undefined &&
    call.agg_within_group !== true &&
    isAggregateHere(call, env);
  return { notNull: someRow && (kind === "rows" || arg.notNull), type };
}

function evaluateWindow(name: string, call: FuncCall, over: WindowDef, env: Env): Value {
  if (WINDOWS.has(name)) return { notNull: true, type: "int8" };
  // The frame's other rows are not under the conditions around the expression.
  const inner: Env = { ...env, known: new Set() };
  const args = (call.args ?? []).map((arg) => env.evaluate(arg, inner));
  const arg = args[0] ?? UNKNOWN;
  const type = arg.type;
  if (name === "ntile") return { notNull: arg.notNull, type: "int4" };
  if (name === "lag" || name === "lead") {
    return { notNull: args.length === 3 && args.every((each) => each.notNull), type };
  }
  const holdsOwnRow = isSureFrame(over, env.scope);
  if (name === "first_value" || name === "last_value") return { notNull: holdsOwnRow && arg.notNull, type };
  if (!AGGREGATES.has(name)) return UNKNOWN;
  const aggregate = valueOf(name, arg);
  if (aggregate.kind === "count") return { notNull: true, type: aggregate.type };
  const sure = holdsOwnRow && call.agg_filter === undefined;
  return { notNull: sure && (aggregate.kind === "rows" || arg.notNull), type: aggregate.type };
}

function valueOf(name: string, arg: Value): { kind: string; type: string | undefined } {
  const { kind, type } = AGGREGATES.get(name)!;
  if (type === "sum") return { kind, type: arg.type !== undefined && NUMBERS.has(arg.type) ? "numeric" : undefined };
  return { kind, type: type === "same" ? arg.type : type };
}

function isSureFrame(over: WindowDef, scope: Scope): boolean {
  const named = over.name ?? over.refname;
  const own = over.frameOptions ?? FRAME_DEFAULT;
  // "over w" takes the frame of w; "over (w …)" may not be used with a window that has one.
  const options = over.name === undefined ? own : scope.windows?.get(named ?? "");
  if (options === undefined) return false;
  const sure = (options & FRAME_ROWS) === 0 ? FRAME_SURE : FRAME_SURE | FRAME_AROUND;
  return (options & ~sure) === 0;
}

function maybeType(name: string, types: readonly (string | undefined)[], type?: string): string | undefined {
  // The bound of a range, a part of a string of bytes.
  const likeText = name === "lower" || name === "upper" || name === "substring";
  return likeText && !TEXTS.has(types[0] ?? "") ? undefined : type;
}

function literal(node: Node | undefined): string | undefined {
  return node !== undefined && "A_Const" in node ? node.A_Const.sval?.sval : undefined;
}
