import type { Node, SelectStmt } from "libpg-query";
import { withCtes } from "./ctes.ts";
import { dataOutput } from "./dml.ts";
import type { Env, Output } from "./scope.ts";
import { selectOutput } from "./select.ts";
import { commonType } from "./types.ts";

const NOTHING_KNOWN: Output = { columns: [], open: true, someRow: false };

/** query says what a statement returns, seen from the scope in which it stands. */
export function query(node: Node | undefined, env: Env): Output {
  if (node === undefined) return NOTHING_KNOWN;
  if ("SelectStmt" in node) return select(node.SelectStmt, env);
  return dataOutput(node, env) ?? NOTHING_KNOWN;
}

function select(stmt: SelectStmt, around: Env): Output {
  const env = withCtes(stmt.withClause, around);
  const output = plain(stmt, env);
  return { ...output, someRow: output.someRow && keepsARow(stmt) };
}

function plain(stmt: SelectStmt, env: Env): Output {
  if (stmt.valuesLists !== undefined) return values(stmt.valuesLists, env);
  const { op, larg, rarg } = stmt;
  if (larg === undefined || rarg === undefined) return selectOutput(stmt, env);
  const [left, right] = [select(larg, env), select(rarg, env)];
  const columns = left.columns.map((column, i) => {
    const other = right.columns[i];
    const sure = other !== undefined && other.notNull && !right.open;
    // What both have is not null when one of them says so; what is taken away leaves the rest as it was.
    const notNull =
      op === "SETOP_UNION"
        ? column.notNull && sure
        : op === "SETOP_INTERSECT"
          ? column.notNull || sure
          : column.notNull;
    return { ...column, notNull, type: commonType([column.type, other?.type]), source: undefined };
  });
  return { columns, open: left.open, someRow: op === "SETOP_UNION" && (left.someRow || right.someRow) };
}

function values(lists: readonly Node[], env: Env): Output {
  const inner: Env = { ...env, scope: { items: [], ctes: new Map(), outer: env.scope } };
  const rows = lists.map((list) => ("List" in list ? (list.List.items ?? []) : []));
  const columns = (rows[0] ?? []).map((_, i) => {
    const all = rows.map((row) => env.evaluate(row[i], inner));
    return {
      name: `column${i + 1}`,
      notNull: all.every((value) => value.notNull),
      type: commonType(all.map((value) => value.type)),
      source: undefined,
    };
  });
  return { columns, open: false, someRow: true };
}

function keepsARow({ limitCount, limitOffset }: SelectStmt): boolean {
  if (limitOffset !== undefined) return false;
  return limitCount === undefined || ("A_Const" in limitCount && (limitCount.A_Const.ival?.ival ?? 0) > 0);
}
