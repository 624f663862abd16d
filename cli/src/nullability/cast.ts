import type { TypeCast } from "libpg-query";
import type { Env, Value } from "./scope.ts";
import { NUMBERS, nameOf, typeOf } from "./types.ts";

/** evaluateCast evaluates CAST and "::": a cast may give null for what is not null. */
export function evaluateCast(cast: TypeCast, env: Env): Value {
  const arg = env.evaluate(cast.arg, env);
  const type = typeOf(cast.typeName, env.catalog);
  // A parameter takes the type from its first cast; what it has then is what the caller says.
  const from = cast.arg !== undefined && "ParamRef" in cast.arg && arg.type === undefined ? "unknown" : arg.type;
  const own = env.catalog.casts.includes(type ?? "") || env.catalog.casts.includes(nameOf(cast.typeName?.names));
  return { notNull: arg.notNull && !own && isTotal(from, type), type };
}

function isTotal(from: string | undefined, to: string | undefined): boolean {
  if (to === undefined) return false;
  // jsonb's null is null as a scalar, from PostgreSQL 18 on; before, it is an error.
  if (to === "bool" || NUMBERS.has(to)) return from !== undefined && from !== "jsonb" && from !== "json";
  // Infinity has no time of day.
  if (to === "time" || to === "timetz") return ["time", "timetz", "text", "varchar", "unknown"].includes(from ?? "");
  return true;
}
