import { readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { Failure } from "millrace/errors";

/** Override says which type of TypeScript a column, or every value of a type of PostgreSQL, has. */
export interface Override {
  /** type is how it is written: a name that from exports, or a type that needs no import. */
  readonly type: string;
  /** from is the module that exports type, parse and format: of a package, or a path from the file of the overrides. */
  readonly from?: string;
  /** parse is the function that makes the value from what the driver gives. Default: the driver gives it so. */
  readonly parse?: string;
  /** format is the function that makes what the driver sends from the value. Default: the driver takes it so. */
  readonly format?: string;
}

/** Overrides are the section gen.sql of millrace.json. */
export interface Overrides {
  /** columns are keyed by table.column, or schema.table.column outside of the search path. */
  readonly columns: Readonly<Record<string, Override>>;
  /** types are keyed by the name of a type of PostgreSQL: numeric, or a domain of your own. */
  readonly types: Readonly<Record<string, Override>>;
}

/** CONFIG is the file that holds them. */
export const CONFIG = "millrace.json";

const NONE: Overrides = { columns: {}, types: {} };

/**
 * readOverrides reads millrace.json of a folder, if it is there, with every `from` as it is to be written in the output
 * folder. What is not understood is invalid_argument ("gen/bad_config").
 *
 *     { "gen": { "sql": {
 *       "columns": { "accounts.balance": { "type": "Money", "from": "./money.ts", "parse": "parseMoney", "format": "formatMoney" } },
 *       "types": { "numeric": "string" }
 *     } } }
 */
export function readOverrides(cwd: string, out: string): Overrides {
  const file = join(cwd, CONFIG);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (err) {
    if (err instanceof Error && "code" in err && err.code === "ENOENT") return NONE;
    throw err;
  }
  const section = objectAt(objectAt(parse(text), "gen"), "sql");
  const unknown = Object.keys(section).find((key) => key !== "columns" && key !== "types");
  if (unknown !== undefined) throw bad(`gen.sql holds columns and types, not "${unknown}"`);
  const all = (key: "columns" | "types"): Record<string, Override> =>
    Object.fromEntries(
      Object.entries(objectAt(section, key)).map(([name, value]) => [name, override(`${key}.${name}`, value, out)]),
    );
  return { columns: all("columns"), types: all("types") };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (err) {
    throw bad(err instanceof Error ? err.message : String(err));
  }
}

function objectAt(value: unknown, key: string): Record<string, unknown> {
  // Any object has string keys.
  const inner: unknown =
    typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  if (inner === undefined) return {};
  if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) return inner as Record<string, unknown>;
  throw bad(`"${key}" is not an object`);
}

function override(name: string, value: unknown, out: string): Override {
  if (typeof value === "string") return { type: value };
  const { type, from, parse, format, ...rest } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw bad(`gen.sql.${name} has "${unknown}", which is none of type, from, parse, format`);
  if (typeof type !== "string") throw bad(`gen.sql.${name} is a type, or an object with one: { "type": "Money" }`);
  for (const [key, text] of Object.entries({ from, parse, format })) {
    if (text !== undefined && typeof text !== "string") throw bad(`gen.sql.${name}.${key} is not a string`);
  }
  const named = (parse ?? format) !== undefined;
  if (named && from === undefined) throw bad(`gen.sql.${name} has parse or format, but no "from" that exports it`);
  return {
    type,
    ...(typeof from === "string" ? { from: from.startsWith(".") ? fromOut(from, out) : from } : {}),
    ...(typeof parse === "string" ? { parse } : {}),
    ...(typeof format === "string" ? { format } : {}),
  };
}

// Both are relative to the folder of millrace.json.
function fromOut(from: string, out: string): string {
  const path = isAbsolute(out) ? from : relative(out, from).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
}

function bad(what: string): Failure {
  return new Failure(`gen sql: millrace.json: ${what}`, { code: "invalid_argument", reason: "gen/bad_config" });
}
