import { type Ast, child, int, list, str } from "./ast.ts";
import type { Catalog } from "./catalog.ts";
import type { Copy } from "./model.ts";

const FORM =
  ":copyfrom is written insert into table (a, b) values ($1, $2), with a parameter of its own for each column";

/** copyTarget reads where an INSERT that is to be a COPY goes; report takes an offset in bytes. */
export function copyTarget(
  ast: Ast,
  catalog: Catalog,
  report: (bytes: number | undefined, message: string) => void,
): Copy | undefined {
  const insert = child(ast, "InsertStmt");
  const rows = list(child(insert, "selectStmt", "SelectStmt"), "valuesLists");
  const range = child(insert, "relation");
  const relation = catalog.relation(str(range, "relname") ?? "", str(range, "schemaname"));
  const no = (node: Ast | undefined, what: string): undefined => {
    report(node === undefined ? undefined : int(node, "location"), what === "" ? FORM : `${FORM}; ${what}`);
    return undefined;
  };

  if (insert === undefined || rows.length !== 1 || relation === undefined) return no(undefined, "");
  if (insert["withClause"] !== undefined) return no(child(insert, "withClause"), "there is no WITH");
  if (insert["onConflictClause"] !== undefined) return no(child(insert, "onConflictClause"), "there is no ON CONFLICT");
  if (insert["returningClause"] !== undefined || insert["returningList"] !== undefined)
    return no(undefined, "it returns no rows");

  const targets = list(insert, "cols").map((target) => child(target, "ResTarget"));
  const partial = targets.find((target) => list(target, "indirection").length > 0);
  if (partial !== undefined) return no(partial, "columns are stored as a whole");
  const names = targets.map((target) => str(target, "name") ?? "");
  const columns = names.length > 0 ? names : relation.columns.map(({ name }) => name);

  const values = list(child(rows[0], "List"), "items");
  if (values.length !== columns.length) return no(undefined, "as many values as columns");
  for (const [i, value] of values.entries()) {
    // The rows are made of the arguments in their order.
    if (int(child(value, "ParamRef"), "number") !== i + 1)
      return no(undefined, `the value of "${columns[i]!}" is not $${i + 1}`);
  }
  return { table: relation.visible ? relation.name : [relation.schema, relation.name], columns };
}
