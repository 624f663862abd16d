import type { FuncCall, Node } from "libpg-query";
import { namesOf } from "./types.ts";

/** references are all columns that expressions name, in the queries inside them too. */
export function references(nodes: readonly Node[]): string[][] {
  const found: string[][] = [];
  walk(nodes, (kind, value) => {
    if (kind === "ColumnRef") found.push(namesOf((value as { fields?: Node[] }).fields));
    return true;
  });
  return found;
}

/** calls are all calls in expressions, but for those in queries inside them. */
export function calls(nodes: readonly (Node | undefined)[]): FuncCall[] {
  const found: FuncCall[] = [];
  walk(nodes, (kind, value) => {
    if (kind === "FuncCall") found.push(value as FuncCall);
    return kind !== "SubLink";
  });
  return found;
}

// The tree is plain JSON: what has a key like "FuncCall" is a node of that kind.
function walk(value: unknown, enter: (kind: string, value: unknown) => boolean): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) if (enter(key, inner)) walk(inner, enter);
}
