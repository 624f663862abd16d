import { parseMigration } from "millrace/migrate";
import { readCatalog } from "../../nullability/index.ts";
import { Catalog } from "../catalog.ts";
import { Database } from "../database.ts";
import { type Generated, generate } from "../generate.ts";
import type { Overrides } from "../overrides.ts";
import { loadParser } from "../parser.ts";
import { formatProblem } from "../problem.ts";

/** Generator generates from texts, over one embedded database. */
export interface Generator extends AsyncDisposable {
  readonly database: Database;
  /** generate takes the text of queries/q.sql. */
  generate(text: string, overrides?: Partial<Overrides>): Promise<Generated>;
}

/** newGenerator applies a migration to a database of its own. */
export async function newGenerator(schema: string): Promise<Generator> {
  const block = `-- +goose Up\n-- +goose StatementBegin\n${schema}\n-- +goose StatementEnd\n`;
  const [database, parse] = await Promise.all([
    Database.open([parseMigration("00001_schema.sql", block)]),
    loadParser(),
  ]);
  const catalog = await Catalog.load(database);
  const constraints = await readCatalog((sql) => database.rows(sql));
  return {
    database,
    generate: (text, overrides) =>
      generate(
        [{ name: "q", file: "queries/q.sql", from: "../queries/q.sql", text }],
        { database, catalog, constraints, parse },
        {
          columns: {},
          types: {},
          ...overrides,
        },
      ),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** firstLines are the problems without what shows the line. */
export function firstLines({ problems }: Pick<Generated, "problems">): string[] {
  return problems.map((problem) => formatProblem(problem).split("\n")[0]!);
}
