import type { Node } from "libpg-query";
import type { Catalog } from "./catalog.ts";
import { evaluate } from "./expression.ts";
import { query } from "./query.ts";
import type { Env, Parameter } from "./scope.ts";

/** ResultColumn is a column of a statement's result. */
export interface ResultColumn {
  readonly name: string;
  /** notNull says that it cannot be NULL, in any state of any database with this catalog. */
  readonly notNull: boolean;
  /** present says that it is a column of a relation in FROM whose row is there: no outer join may have left it out. */
  readonly present: boolean;
}

/**
 * columnsOf says which columns of a statement's result can never be NULL. A statement is `stmts[n].stmt` of libpg-query's
 * parse tree. When in doubt a column may be NULL; of what returns no rows there are none. It is undefined when the columns
 * cannot be counted: "*" of a relation or of a composite that the catalog does not know.
 */
export function columnsOf(
  statement: Node,
  catalog: Catalog,
  parameters: readonly Parameter[] = [],
): readonly ResultColumn[] | undefined {
  const scope = { items: [], ctes: new Map(), outer: undefined };
  const env: Env = { catalog, parameters, scope, known: new Set(), evaluate, query };
  const output = query(statement, env);
  if (output.open) return undefined;
  return output.columns.map(({ name, notNull, source }) => ({ name, notNull, present: source?.absent.length === 0 }));
}
