/** Ast is a node of libpg-query's parse tree: PostgreSQL's own structures as JSON. */
export type Ast = { readonly [field: string]: unknown };

/** isAst says whether a value of the tree is a node and no list or scalar. */
export function isAst(value: unknown): value is Ast {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** child is a field of a node that holds a node. */
export function child(node: Ast | undefined, ...path: readonly string[]): Ast | undefined {
  let at = node;
  for (const field of path) {
    const next = at?.[field];
    at = isAst(next) ? next : undefined;
  }
  return at;
}

/** list is a field of a node that holds nodes; none is []. */
export function list(node: Ast | undefined, field: string): Ast[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isAst) : [];
}

/** str is a field of a node that holds a string. */
export function str(node: Ast | undefined, field: string): string | undefined {
  const value = node?.[field];
  return typeof value === "string" ? value : undefined;
}

/** int is a field of a node that holds a number; libpg-query leaves out those that are 0. */
export function int(node: Ast | undefined, field: string): number {
  const value = node?.[field];
  return typeof value === "number" ? value : 0;
}

/** findAll gives the nodes of a kind ("RangeVar") within a tree, in the order of the fields. */
export function findAll(tree: unknown, kind: string): Ast[] {
  const found: Ast[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isAst(value)) return undefined;
    for (const [field, inner] of Object.entries(value)) {
      if (field === kind && isAst(inner)) found.push(inner);
      visit(inner);
    }
    return undefined;
  };
  visit(tree);
  return found;
}
