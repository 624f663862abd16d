import type { Node, RangeFunction } from "libpg-query";
import { builtIn } from "./call.ts";
import { columnName } from "./column-name.ts";
import { FUNCTIONS, ROW_COLUMNS, ROW_FUNCTIONS } from "./functions.ts";
import { derived } from "./relation.ts";
import type { Env, OutputColumn, Relation } from "./scope.ts";
import { nameOf, namesOf, typeOf } from "./types.ts";

interface Columns {
  readonly columns: readonly OutputColumn[];
  readonly open: boolean;
}

/** functionRelation is the relation of functions in FROM. */
export function functionRelation(range: RangeFunction, env: Env): Relation {
  const functions = (range.functions ?? []).map((each) => ("List" in each ? (each.List.items ?? []) : []));
  const defined = definitions(range.coldeflist, env);
  const parts = functions.map(([call, own]): Columns => {
    const list = own !== undefined && "List" in own ? definitions(own.List.items, env) : undefined;
    const columns = list ?? defined;
    return columns === undefined ? columnsOfCall(call, range, env) : { columns, open: false };
  });
  // The shorter of several functions are filled up with nulls.
  const several = parts.length > 1;
  const columns = parts.flatMap((part) =>
    part.columns.map((column) => ({ ...column, notNull: column.notNull && !several })),
  );
  if (range.ordinality === true) columns.push(column("ordinality", "int8", true));
  const relation = derived(
    { columns, open: parts.some((part) => part.open) },
    range.alias,
    columnName(functions[0]?.[0]),
  );
  // A function that gives null as a composite gives a row that is null.
  return { ...relation, row: { ...relation.row, notNull: false } };
}

function columnsOfCall(call: Node | undefined, range: RangeFunction, env: Env): Columns {
  const alias = range.functions?.length === 1 ? range.alias?.aliasname : undefined;
  const one = (type: string | undefined, notNull: boolean): Columns => ({
    columns: [column(alias ?? columnName(call), type, notNull)],
    open: false,
  });
  if (call === undefined) return { columns: [], open: true };
  if (!("FuncCall" in call)) {
    const value = env.evaluate(call, env);
    return one(value.type, value.notNull);
  }
  const name = nameOf(call.FuncCall.funcname);
  const known = builtIn(call.FuncCall, env);
  const args = call.FuncCall.args ?? [];
  if (known === "unnest" && args.length > 1) {
    return { columns: args.map(() => column("unnest", undefined, false)), open: false };
  }
  if (known === "unnest" && env.evaluate(args[0], env).type === "tsvector") return { columns: [], open: true };
  const schema = namesOf(call.FuncCall.funcname).at(-2);
  const found = env.catalog.functions.filter(
    (each) => each.name === name && (schema === undefined || each.schema === schema),
  );
  const [first] = found;
  if (first !== undefined) {
    // Of several with one name it is not known which is meant, unless they return the same.
    const same = found.every((each) => JSON.stringify(each.columns) === JSON.stringify(first.columns));
    if (!same) return { columns: [], open: true };
    const sure = ROW_COLUMNS.get(known ?? "");
    if (first.columns !== null) {
      const columns = first.columns.map((each) => column(each.name, each.type, sure?.includes(each.name) === true));
      return { columns, open: false };
    }
  }
  const rows = known === undefined ? undefined : ROW_FUNCTIONS.get(known);
  if (rows !== undefined) {
    return one(rows.type === "same" ? env.evaluate(args[0], env).type : rows.type, rows.notNull);
  }
  // A function that is not known may return rows of several columns.
  if (first === undefined && (known === undefined || !FUNCTIONS.has(known))) return { columns: [], open: true };
  const value = env.evaluate(call, env);
  return one(value.type, value.notNull);
}

function definitions(list: readonly Node[] | undefined, env: Env): OutputColumn[] | undefined {
  return list?.flatMap((each) =>
    "ColumnDef" in each
      ? [column(each.ColumnDef.colname ?? "", typeOf(each.ColumnDef.typeName, env.catalog), false)]
      : [],
  );
}

function column(name: string, type: string | undefined, notNull: boolean): OutputColumn {
  return { name, type, notNull, source: undefined };
}
