import { analyze } from "./analyze.ts";
import type { Model } from "./model.ts";
import { camelCase, constantCase } from "./names.ts";
import type { Overrides } from "./overrides.ts";
import { type Problem, type Source, inOrder } from "./problem.ts";
import { type Query, parseQueryFile } from "./query-file.ts";
import { renderFile, renderSchema } from "./render.ts";
import { sharedDefinitions } from "./shared.ts";
import type { Tools } from "./tools.ts";
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
  given: Omit<Tools, "types">,
  overrides: Overrides,
): Promise<Generated> {
  const problems: Problem[] = [];
  const types = new TypeMap(given.catalog, overrides);
  const tools: Tools = { ...given, types };
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
  const definitions = sharedDefinitions(all, given.catalog, types);
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
