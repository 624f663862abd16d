import { type Ast, findAll } from "./ast.ts";
import type { Description } from "./database.ts";
import type { Argument } from "./model.ts";
import { camelCase } from "./names.ts";
import { type ParameterUse, parameterOf } from "./origins.ts";
import type { Parameter, Statement } from "./statement.ts";
import type { TypeMap } from "./type-map.ts";

/**
 * readArguments gives the fields of what a query's function takes. An argument may be null if sqlc.narg says so, or if
 * all that happens to it is that it is stored in a column that may be. A plain $1 is called as the column it belongs to.
 */
export function readArguments(
  { parameters }: Statement,
  description: Description,
  ast: Ast,
  uses: ReadonlyMap<number, ParameterUse>,
  types: TypeMap,
  report: (offset: number, message: string) => void,
): Argument[] {
  const keys = new Set<string>();
  const limits = limitNames(ast);
  return parameters.map((parameter, i) => {
    const n = i + 1;
    const use = uses.get(n);
    const key = keyFor(parameter, use?.origin.column.name ?? limits.get(n), n, keys);
    if (keys.has(key)) report(parameter.offset, `two parameters would be "${key}"`);
    keys.add(key);
    const nullable = parameter.nullable || (use?.assigned === true && !use.origin.column.notNull);
    // As many types as parameters: numbers that are left out are an error of the server.
    return { key, write: types.write(description.parameters[i]!, use?.origin, parameter.slice), nullable };
  });
}

function keyFor({ name }: Parameter, column: string | undefined, n: number, taken: ReadonlySet<string>): string {
  if (name !== undefined) return camelCase(name);
  const key = column === undefined ? `arg${n}` : camelCase(column);
  return taken.has(key) ? `${key}${n}` : key;
}

function limitNames(ast: Ast): Map<number, string> {
  const names = new Map<number, string>();
  for (const select of findAll(ast, "SelectStmt")) {
    const limit = parameterOf(select["limitCount"]);
    const offset = parameterOf(select["limitOffset"]);
    if (limit !== undefined) names.set(limit, "limit");
    if (offset !== undefined) names.set(offset, "offset");
  }
  return names;
}
