import type { Node } from "libpg-query";
import { type Catalog as Constraints, type Parameter, columnsOf } from "../nullability/index.ts";
import type { Ast } from "./ast.ts";

/**
 * neverNull says of each column of a result whether it is sure that it is never null. If the columns cannot be told
 * apart, any may be.
 */
export function neverNull(
  statement: Ast,
  constraints: Constraints,
  parameters: readonly Parameter[],
  columns: number,
): readonly boolean[] {
  // The trees are libpg-query's.
  const known = columnsOf(statement as unknown as Node, constraints, parameters);
  if (known?.length === columns) return known.map(({ notNull }) => notNull);
  return Array.from({ length: columns }, () => false);
}
