import type { Node, TypeName } from "libpg-query";
import type { Catalog } from "./catalog.ts";

/** NUMBERS are the types that count and measure. */
export const NUMBERS: ReadonlySet<string> = new Set("int2 int4 int8 float4 float8 numeric".split(" "));
/** TEXTS are the types that string functions take; "unknown" is a literal whose type its place decides. */
export const TEXTS: ReadonlySet<string> = new Set("text varchar bpchar name unknown".split(" "));
/** TIMES are the types of the calendar and the clock. */
export const TIMES: ReadonlySet<string> = new Set("date time timetz timestamp timestamptz interval".split(" "));

const OTHERS =
  "bool bytea char json jsonb xml uuid bit varbit oid money inet cidr macaddr macaddr8 tsvector tsquery record array " +
  "int4range int8range numrange tsrange tstzrange daterange point line lseg box path polygon circle pg_lsn";
const BUILT_IN: ReadonlySet<string> = new Set([...NUMBERS, ...TEXTS, ...TIMES, ...OTHERS.split(" ")]);

/** isBuiltIn says whether a type is one of pg_catalog, so that operators of others do not fit it as well. */
export function isBuiltIn(type: string | undefined): boolean {
  return type !== undefined && BUILT_IN.has(type.replace(/^_/, ""));
}

/** nameOf is the last part of a name that may have its schema before it. */
export function nameOf(parts: readonly Node[] | undefined): string {
  return namesOf(parts).at(-1) ?? "";
}

/** namesOf are the parts of a name; those that are none, like "*", are left out. */
export function namesOf(parts: readonly Node[] | undefined): string[] {
  return (parts ?? []).flatMap((part) => ("String" in part ? [part.String.sval ?? ""] : []));
}

/** typeOf is the type that a cast names, a domain's being the one below it. */
export function typeOf(type: TypeName | undefined, catalog: Catalog): string | undefined {
  const names = namesOf(type?.names);
  const name = names.at(-1);
  if (name === undefined || type?.setof === true) return undefined;
  if (type?.arrayBounds !== undefined) return "array";
  const own = names.length > 1 && names[0] !== "pg_catalog";
  if (!own && BUILT_IN.has(name)) return name;
  const below = catalog.domains[name];
  // Domains of one name in several schemas: it is not known which is meant.
  return below === "" ? undefined : (below ?? names.join("."));
}

/** commonType is the type of what may be any of several, as in CASE and UNION. */
export function commonType(types: readonly (string | undefined)[]): string | undefined {
  const known = new Set(types.filter((type) => type !== "unknown"));
  if (known.size === 0) return "text";
  const [type] = known;
  if (known.size === 1) return type;
  return [...known].every((each) => each !== undefined && NUMBERS.has(each)) ? "numeric" : undefined;
}
