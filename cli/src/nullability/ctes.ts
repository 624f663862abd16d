import type { CommonTableExpr, SelectStmt, WithClause } from "libpg-query";
import type { Env, Output } from "./scope.ts";
import { namesOf } from "./types.ts";

const NOTHING_KNOWN: Output = { columns: [], open: true, someRow: false };

/** withCtes is the environment of a statement with WITH: a level around it that has no columns. */
export function withCtes(clause: WithClause | undefined, env: Env): Env {
  if (clause === undefined) return env;
  const ctes = (clause.ctes ?? []).flatMap((each) => ("CommonTableExpr" in each ? [each.CommonTableExpr] : []));
  const known = new Map<string, Output>();
  const inner: Env = { ...env, scope: { items: [], ctes: known, outer: env.scope } };
  // WITH RECURSIVE may name what stands further down; a table of that name is not meant.
  if (clause.recursive === true) for (const each of ctes) known.set(each.ctename ?? "", NOTHING_KNOWN);
  for (const each of ctes) {
    const output = clause.recursive === true ? recursive(each, known, inner) : inner.query(each.ctequery, inner);
    known.set(each.ctename ?? "", named(each, output));
  }
  return inner;
}

// What the first branch gives is assumed, and taken back where the second gives null, until nothing changes.
function recursive(cte: CommonTableExpr, known: Map<string, Output>, env: Env): Output {
  const query = cte.ctequery;
  const select: SelectStmt | undefined = query !== undefined && "SelectStmt" in query ? query.SelectStmt : undefined;
  if (select?.larg === undefined || select.rarg === undefined) return env.query(query, env);
  const inner = withCtes(select.withClause, env);
  const first = inner.query({ SelectStmt: select.larg }, inner);
  if (first.open) return NOTHING_KNOWN;
  let assumed: Output = { ...first, someRow: false };
  for (;;) {
    known.set(cte.ctename ?? "", named(cte, assumed));
    const second = inner.query({ SelectStmt: select.rarg }, inner);
    const columns = assumed.columns.map((column, i) => {
      const other = second.columns[i];
      const notNull = column.notNull && !second.open && other?.notNull === true;
      return { ...column, notNull, source: undefined };
    });
    if (columns.every((column, i) => column.notNull === assumed.columns[i]?.notNull)) return { ...assumed, columns };
    assumed = { ...assumed, columns };
  }
}

// SEARCH and CYCLE add columns, of which nothing is claimed.
function named(cte: CommonTableExpr, output: Output): Output {
  const names = namesOf(cte.aliascolnames);
  const { search_clause: search, cycle_clause: cycle } = cte;
  const added = [search?.search_seq_column, cycle?.cycle_mark_column, cycle?.cycle_path_column];
  const columns = output.columns.map((column, i) => ({ ...column, name: names[i] ?? column.name }));
  const extra = added.flatMap((name) =>
    name === undefined ? [] : [{ name, type: undefined, notNull: false, source: undefined }],
  );
  return { ...output, columns: [...columns, ...extra] };
}
