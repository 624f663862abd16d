import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Migration, loadMigrations } from "millrace/migrate";
import { Database } from "./database.ts";
import { type Folders, filesIn, readQueries } from "./folder.ts";
import { type Generated, generate } from "./generate.ts";
import { lint } from "./lint.ts";
import { readOverrides } from "./overrides.ts";
import { type Parser, loadParser } from "./parser.ts";
import type { Problem, Source } from "./problem.ts";

/** Project keeps the parser and the database between one generation and the next. */
export class Project implements AsyncDisposable {
  readonly #cwd: string;
  readonly #folders: Folders;
  #parser: Promise<Parser> | undefined = undefined;
  #migrations: readonly Migration[] = [];
  #database: Database | undefined = undefined;

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
    const [database, parser] = await Promise.all([this.#open(), this.#parser]);
    return generate(queries, database, parser, overrides);
  }

  /** lint applies the rules to what was generated last. */
  async lint({ models }: Generated): Promise<Problem[]> {
    const dir = this.#folders.migrations;
    const sources = this.#migrations.map(({ file }): Source => {
      const text = readFileSync(join(this.#cwd, dir, file), "utf8").replaceAll("\r\n", "\n");
      return { file: join(dir, file), text };
    });
    return lint(models, sources, await this.#open());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database?.[Symbol.asyncDispose]();
    this.#database = undefined;
  }

  async #open(): Promise<Database> {
    filesIn(this.#cwd, this.#folders.migrations, "migrations");
    const migrations = loadMigrations(join(this.#cwd, this.#folders.migrations));
    if (this.#database !== undefined && sums(migrations) === sums(this.#migrations)) return this.#database;
    await this[Symbol.asyncDispose]();
    this.#migrations = migrations;
    return (this.#database = await Database.open(migrations));
  }
}

function sums(migrations: readonly Migration[]): string {
  return migrations.map(({ file, checksum }) => `${file} ${checksum}`).join("\n");
}
