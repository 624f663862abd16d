import type { TypeCast } from "libpg-query";
import type { Catalog } from "./catalog.ts";
import type { Env, Value } from "./scope.ts";
import { NUMBERS, nameOf, typeOf } from "./types.ts";

/** evaluateCast evaluates CAST and "::": a cast may give null for what is not null. */
export function evaluateCast(cast: TypeCast, env: Env): Value {
  const arg = env.evaluate(cast.arg, env);
  const type = typeOf(cast.typeName, env.catalog);
  // A parameter takes the type from its first cast; what it has then is what the caller says.
  const from = cast.arg !== undefined && "ParamRef" in cast.arg && arg.type === undefined ? "unknown" : arg.type;
  return { notNull: arg.notNull && !isOwnCast(cast, env.catalog) && isTotal(from, type), type };
}

/** isOwnCast says whether a cast may call a function from outside of pg_catalog, which gives what it likes. */
export function isOwnCast({ typeName }: TypeCast, catalog: Catalog): boolean {
  const below = typeOf(typeName, catalog)?.split(".").at(-1);
  return [nameOf(typeName?.names), below].some((name) => name !== undefined && catalog.casts.includes(name));
}

function isTotal(from: string | undefined, to: string | undefined): boolean {
  if (to === undefined) return false;
  // jsonb's null is null as a scalar, from PostgreSQL 18 on; before, it is an error.
  if (to === "bool" || NUMBERS.has(to)) return from !== undefined && from !== "jsonb" && from !== "json";
  // Infinity has no time of day.
  if (to === "time" || to === "timetz") return ["time", "timetz", "text", "varchar", "unknown"].includes(from ?? "");
  return true;
}
