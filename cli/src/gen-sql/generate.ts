import { type Tools, analyze } from "./analyze.ts";
import { Catalog } from "./catalog.ts";
import type { Database } from "./database.ts";
import { rowType, tableColumns } from "./embed.ts";
import { columnField } from "./fields.ts";
import type { Model } from "./model.ts";
import { camelCase, constantCase } from "./names.ts";
import type { Overrides } from "./overrides.ts";
import type { Parser } from "./parser.ts";
import { type Problem, type Source, inOrder } from "./problem.ts";
import { type Query, parseQueryFile } from "./query-file.ts";
import { type Definition, renderFile, renderSchema } from "./render.ts";
import { SCHEMA_FILE, TypeMap } from "./type-map.ts";

/** Generated is what came of a folder of queries. */
export interface Generated {
  /** files holds the modules by name: users.ts. */
  readonly files: ReadonlyMap<string, string>;
  readonly models: readonly Model[];
  /** problems are all that were found; with any, the files are not to be used. */
  readonly problems: readonly Problem[];
}

/** QueryFile is a file of queries and the path to it from the output folder. */
export interface QueryFile extends Source {
  /** name is that of the file without .sql. */
  readonly name: string;
  /** from is its path from the output folder. */
  readonly from: string;
}

/** generate makes the modules for files of queries against a database in which the migrations have been applied. */
export async function generate(
  sources: readonly QueryFile[],
  database: Database,
  parse: Parser,
  overrides: Overrides,
): Promise<Generated> {
  const problems: Problem[] = [];
  const catalog = await Catalog.load(database);
  const types = new TypeMap(catalog, overrides);
  const tools: Tools = { database, catalog, types, parse };
  const files = new Map<string, string>();
  const all: Model[] = [];
  const taken = new Map<string, Query>();
  for (const source of sources) {
    if (`${source.name}.ts` === SCHEMA_FILE) {
      problems.push({
        source,
        offset: 0,
        message: `${SCHEMA_FILE} is what the files of queries share: call this one otherwise`,
      });
    }
    const models: Model[] = [];
    for (const query of parseQueryFile(source, problems)) {
      reportTwice(query, taken, problems);
      const model = await analyze(query, tools, problems);
      if (model !== undefined) models.push(model);
    }
    if (models.length > 0) files.set(`${source.name}.ts`, renderFile(source.from, models));
    all.push(...models);
  }
  const definitions = sharedDefinitions(all, tools);
  if (definitions.length > 0) files.set(SCHEMA_FILE, renderSchema(definitions));
  return { files, models: all, problems: inOrder(problems) };
}

// Over all files: functions of one name would be told apart by their modules alone.
function reportTwice(query: Query, taken: Map<string, Query>, problems: Problem[]): void {
  for (const key of new Set([camelCase(query.name), constantCase(query.name)])) {
    const before = taken.get(key);
    taken.set(key, query);
    if (before === undefined) continue;
    const where = before.source.file === query.source.file ? "above" : `in ${before.source.file}`;
    problems.push({
      source: query.source,
      offset: query.offset,
      message: `"${query.name}" is the name of another query ${where}`,
    });
    return;
  }
}

// The enums that are used, and the interfaces of the tables that are embedded.
function sharedDefinitions(models: readonly Model[], { catalog, types }: Tools): Definition[] {
  const definitions = new Map<string, Definition>();
  const embeds = models.flatMap(({ items }) => items.flatMap((item) => (item.kind === "embed" ? [item] : [])));
  for (const { relation } of embeds) {
    const name = rowType(relation, types);
    const columns = tableColumns(relation, types);
    const imports = columns.flatMap(({ read }) => read.imports);
    const doc = `${name} is a row of ${relation.visible ? relation.name : `${relation.schema}.${relation.name}`}.`;
    definitions.set(name, { kind: "table", name, doc, fields: columns.map(columnField), imports });
  }
  const reads = models.flatMap(({ items }) =>
    items.flatMap((item) => (item.kind === "column" ? [item.read] : item.columns.map(({ read }) => read))),
  );
  const writes = models.flatMap((model) => model.arguments.map(({ write }) => write));
  const used = new Set([...reads, ...writes].flatMap(({ imports }) => imports.map(({ name }) => name)));
  for (const { kind, schema, name: typeName, labels } of catalog.types.values()) {
    const name = types.nameOf(schema, typeName);
    if (kind !== "e" || !used.has(name)) continue;
    definitions.set(name, { kind: "enum", name, doc: `${name} is the enum ${typeName}.`, labels });
  }
  return Array.from(definitions.values());
}
