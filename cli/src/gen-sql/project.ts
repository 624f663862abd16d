import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Migration, loadMigrations } from "millrace/migrate";
import { readCatalog } from "../nullability/index.ts";
import { Catalog } from "./catalog.ts";
import { Database } from "./database.ts";
import { type Folders, filesIn, readQueries } from "./folder.ts";
import { type Generated, generate } from "./generate.ts";
import { lint } from "./lint.ts";
import { readOverrides } from "./overrides.ts";
import { type Parser, loadParser } from "./parser.ts";
import type { Problem, Source } from "./problem.ts";
import type { Tools } from "./tools.ts";

/** Project keeps the parser and the database between one generation and the next. */
export class Project implements AsyncDisposable {
  readonly #cwd: string;
  readonly #folders: Folders;
  #parser: Promise<Parser> | undefined = undefined;
  #migrations: readonly Migration[] = [];
  #schema: Schema | undefined = undefined;

  constructor(cwd: string, folders: Folders) {
    this.#cwd = cwd;
    this.#folders = folders;
  }

  /** generate reads everything anew; the database is made anew if a migration has changed. */
  async generate(): Promise<Generated> {
    const queries = readQueries(this.#cwd, this.#folders);
    const overrides = readOverrides(this.#cwd, this.#folders.out);
    // While PGlite starts.
    this.#parser ??= loadParser();
    const [schema, parse] = await Promise.all([this.#open(), this.#parser]);
    return generate(queries, { ...schema, parse }, overrides);
  }

  /** lint applies the rules to what was generated last. */
  async lint({ models }: Generated): Promise<Problem[]> {
    const dir = this.#folders.migrations;
    const sources = this.#migrations.map(({ file }): Source => {
      const text = readFileSync(join(this.#cwd, dir, file), "utf8").replaceAll("\r\n", "\n");
      return { file: join(dir, file), text };
    });
    const { database } = await this.#open();
    return lint(models, sources, database);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#schema?.database[Symbol.asyncDispose]();
    this.#schema = undefined;
  }

  async #open(): Promise<Schema> {
    filesIn(this.#cwd, this.#folders.migrations, "migrations");
    const migrations = loadMigrations(join(this.#cwd, this.#folders.migrations));
    if (this.#schema !== undefined && sums(migrations) === sums(this.#migrations)) return this.#schema;
    await this[Symbol.asyncDispose]();
    this.#migrations = migrations;
    const database = await Database.open(migrations);
    const constraints = await readCatalog((sql) => database.rows(sql));
    return (this.#schema = { database, catalog: await Catalog.load(database), constraints });
  }
}

type Schema = Pick<Tools, "database" | "catalog" | "constraints">;

function sums(migrations: readonly Migration[]): string {
  return migrations.map(({ file, checksum }) => `${file} ${checksum}`).join("\n");
}
