import { type Ast, child, findAll, int, list, str } from "./ast.ts";
import type { Catalog } from "./catalog.ts";
import type { Description, Field } from "./database.ts";
import { embeddedTable, outerJoined } from "./embed.ts";
import type { Argument, Column, Item } from "./model.ts";
import { keyOf } from "./names.ts";
import { neverNull } from "./never-null.ts";
import type { Statement } from "./statement.ts";
import type { Tools } from "./tools.ts";
import type { Origin } from "./type-map.ts";

/** readItems gives the fields of a row, from the columns that PostgreSQL describes. */
export function readItems(
  statement: Statement,
  { fields, parameters }: Description,
  args: readonly Argument[],
  ast: Ast,
  { catalog, constraints, types }: Pick<Tools, "catalog" | "constraints" | "types">,
  report: (offset: number, message: string) => void,
): Item[] {
  const origins = fields.map((field) => originOf(field, catalog));
  // What is sent as JSON may be undefined, which is NULL.
  const given = parameters.map((oid, i) => ({
    type: catalog.typeName(oid),
    notNull: args[i]?.nullable === false && args[i].write.type !== "unknown",
  }));
  const sure = neverNull(ast, constraints, given, fields.length);
  const outer = outerJoined(ast);
  const where = placesOf(ast, statement);
  const items = new Map<string, Item>();
  const embedded = new Set<string>();
  for (const [i, { name, dataTypeID }] of fields.entries()) {
    const embed = statement.embeds.find(({ relation }) => name.startsWith(`${relation}.`));
    if (embed === undefined) {
      const offset = where(name);
      const key = keyOf(name);
      if (name === "?column?") report(offset, "a column without a name: give it one with AS");
      else if (items.has(key)) report(offset, `two columns would be "${key}": name one with AS`);
      const claim = statement.claims.get(name);
      const nullable = claim === undefined ? sure[i] !== true : claim === "null";
      const column: Column = { kind: "column", key, read: types.read(dataTypeID, origins[i]), nullable };
      items.set(key, column);
      continue;
    }
    const { relation, offset } = embed;
    if (embedded.has(relation)) continue;
    embedded.add(relation);
    // A join may leave it out, unless a column that the table never has null is known to be never null here.
    const present = fields.some(
      (field, k) => field.name.startsWith(`${relation}.`) && origins[k]?.column.notNull === true && sure[k] === true,
    );
    const table = embeddedTable(relation, origins[i], outer.has(relation) && !present, types);
    if (table === undefined) continue;
    if (items.has(table.key)) report(offset, `two fields would be "${table.key}": give the table another alias`);
    items.set(table.key, table);
  }
  return Array.from(items.values());
}

function originOf({ tableID, columnID }: Field, catalog: Catalog): Origin | undefined {
  const relation = catalog.relations.get(tableID);
  const column = relation?.columns.find(({ number }) => number === columnID);
  return relation === undefined || column === undefined ? undefined : { relation, column };
}

// Where a column of the result stands: the target with its name, or the start of the statement for one of a star.
function placesOf(ast: Ast, { map }: Statement): (column: string) => number {
  const seen = new Map<string, number>();
  return (column) => {
    const places = findAll(ast, "ResTarget").filter((target) => {
      const last = str(child(list(child(target, "val", "ColumnRef"), "fields").at(-1), "String"), "sval");
      return (str(target, "name") ?? last ?? "?column?") === column;
    });
    const nth = seen.get(column) ?? 0;
    seen.set(column, nth + 1);
    return map.fromBytes(int(places[nth] ?? places.at(-1), "location"));
  };
}
