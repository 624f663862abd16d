import type { Catalog, PgType } from "./catalog.ts";
import { rowType, tableColumns } from "./embed.ts";
import { columnField } from "./fields.ts";
import type { Column, EmbeddedTable, Model } from "./model.ts";
import { keyOf } from "./names.ts";
import type { Definition } from "./render.ts";
import { type Import, SCHEMA_FILE, type TypeMap } from "./type-map.ts";

/**
 * sharedDefinitions are what the modules of the queries share: the rows of the tables that are embedded, and the enums
 * and composite types that are used, also by each other.
 */
export function sharedDefinitions(models: readonly Model[], catalog: Catalog, types: TypeMap): Definition[] {
  const definitions = new Map<string, Definition>();
  const wanted: Import[] = [];
  const define = (name: string, definition: Definition, imports: readonly Import[]): void => {
    definitions.set(name, definition);
    wanted.push(...imports);
  };
  for (const model of models) {
    wanted.push(...model.arguments.flatMap(({ write }) => write.imports));
    for (const item of model.items) {
      if (item.kind === "column") wanted.push(...item.read.imports, ...item.read.wireImports);
      else if (!definitions.has(item.type)) define(item.type, ...tableDefinition(item, types));
    }
  }
  const byName = new Map(
    Array.from(catalog.types.values())
      .filter(({ kind }) => kind === "e" || kind === "c")
      .map((type) => [types.nameOf(type.schema, type.name), type]),
  );
  // What is defined may want more.
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    const { name, from } = next;
    const type = from === `./${SCHEMA_FILE}` && !definitions.has(name) ? byName.get(name) : undefined;
    if (type !== undefined) define(name, ...typeDefinition(name, type, types));
  }
  return Array.from(definitions.values());
}

function tableDefinition({ relation }: EmbeddedTable, types: TypeMap): [Definition, readonly Import[]] {
  const name = rowType(relation, types);
  const table = relation.visible ? relation.name : `${relation.schema}.${relation.name}`;
  return interfaceOf(name, `${name} is a row of ${table}.`, tableColumns(relation, types));
}

function typeDefinition(name: string, type: PgType, types: TypeMap): [Definition, readonly Import[]] {
  const { kind, labels, attributes } = type;
  if (kind === "e") return [{ kind: "enum", name, doc: `${name} is the enum ${type.name}.`, labels }, []];
  const columns = attributes.map((attribute): Column => {
    const read = types.read(attribute.type, undefined);
    // The driver reads what is in a composite, and nothing parses it then.
    const wire = { ...read, type: read.wire, imports: read.wireImports };
    return { kind: "column", key: keyOf(attribute.name), read: wire, nullable: true };
  });
  return interfaceOf(name, `${name} is the composite type ${type.name}.`, columns);
}

function interfaceOf(name: string, doc: string, columns: readonly Column[]): [Definition, readonly Import[]] {
  const imports = columns.flatMap(({ read }) => read.imports);
  return [{ kind: "interface", name, doc, fields: columns.map(columnField), imports }, imports];
}
