import { constants, rmSync } from "node:fs";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite, type Extension, protocol } from "@electric-sql/pglite";
import { background } from "millrace/context";
import { type Migration, up } from "millrace/migrate";
import { openPool } from "millrace/sql";
import { pglite, prepareSnapshot } from "millrace/sql/pglite";
import { extensionsOf } from "./extensions.ts";

/** Field is a column of a result, as RowDescription has it; tableID and columnID are 0 for an expression. */
export interface Field {
  readonly name: string;
  readonly tableID: number;
  readonly columnID: number;
  readonly dataTypeID: number;
}

/** Description is what PostgreSQL says of a statement without running it. */
export interface Description {
  /** parameters holds the types of $1, $2, … */
  readonly parameters: readonly number[];
  readonly fields: readonly Field[];
}

/** Refusal is PostgreSQL's error; position counts characters of the statement from 1. */
export interface Refusal {
  readonly message: string;
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly position: number | undefined;
}

/** MigrationError is a statement of a migration that the embedded PostgreSQL refuses. */
export class MigrationError extends Error {
  readonly file: string;
  readonly line: number;

  constructor(file: string, line: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.file = file;
    this.line = line;
  }
}

/**
 * Database is an embedded PostgreSQL in which the migrations have been applied, and which holds no data. It runs in this
 * thread, in a directory of its own that is removed when it is closed.
 */
export class Database implements AsyncDisposable {
  readonly #pglite: PGlite;
  readonly #dir: TemporaryDir;

  private constructor(pglite: PGlite, dir: TemporaryDir) {
    this.#pglite = pglite;
    this.#dir = dir;
  }

  /** open starts it (0.5 s from the prepared snapshot) and applies the migrations, or throws MigrationError. */
  static async open(migrations: readonly Migration[]): Promise<Database> {
    const [extensions, dir] = await Promise.all([extensionsOf(migrations), TemporaryDir.make()]);
    const code = migrations.some(({ kind }) => kind === "code");
    if (code) await applyByPool(join(dir.path, "data"), migrations);
    const database = new Database(await start(dir.path, extensions), dir);
    try {
      for (const migration of code ? [] : migrations) await database.#apply(migration);
      // A dump sets a search_path of its own, for its session alone.
      await database.exec("reset all; reset role");
      return database;
    } catch (err) {
      await database[Symbol.asyncDispose]();
      throw err;
    }
  }

  /** rows runs a query. */
  async rows<R>(sql: string): Promise<R[]> {
    const { rows } = await this.#pglite.query<R>(sql);
    return rows;
  }

  /** simple runs a statement by the simple protocol, as EXPLAIN with parameters needs it. */
  async simple<R>(sql: string): Promise<R[]> {
    const results = await this.#pglite.exec(sql);
    // The caller says what its statement returns.
    return (results.at(-1)?.rows ?? []) as R[];
  }

  /** exec runs statements. */
  async exec(sql: string): Promise<void> {
    await this.#pglite.exec(sql);
  }

  /**
   * describe prepares a statement and gives the types of its parameters and columns. Parse, Describe and Sync go as one
   * message, so that an error leaves nothing open. PGlite's own describeQuery leaves out which table a column is of.
   */
  async describe(sql: string): Promise<Description | Refusal> {
    const { parse, describe, sync } = protocol.serialize;
    const packet = Buffer.concat([parse({ text: sql }), describe({ type: "S" }), sync()]);
    const { messages } = await this.#pglite.execProtocol(new Uint8Array(packet), { throwOnError: false });
    let parameters: readonly number[] = [];
    let fields: readonly Field[] = [];
    for (const message of messages) {
      // The messages of pg-protocol have these names and fields.
      if (message.name === "error") return refusal(message as unknown as Record<string, string | undefined>);
      if (message.name === "parameterDescription") {
        parameters = (message as unknown as { dataTypeIDs: number[] }).dataTypeIDs;
      } else if (message.name === "rowDescription") {
        fields = (message as unknown as { fields: Field[] }).fields;
      }
    }
    return { parameters, fields };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pglite.close();
    this.#dir[Symbol.dispose]();
  }

  async #apply(migration: Migration): Promise<void> {
    if (migration.kind !== "sql") return;
    const { file, up } = migration;
    for (const { text, line } of up) {
      try {
        await this.#pglite.exec(text);
      } catch (err) {
        throw new MigrationError(file, line, err);
      }
    }
  }
}

// What TypeScript runs on is a transaction of a pool.
async function applyByPool(dir: string, migrations: readonly Migration[]): Promise<void> {
  await using pool = await openPool(background, pglite({ dir }), { maxConns: 2 });
  await up(background, pool, migrations);
}

function refusal(fields: Record<string, string | undefined>): Refusal {
  const { message = "", code, detail, hint, position } = fields;
  return { message, code, detail, hint, position: position === undefined ? undefined : Number(position) };
}

// It goes with the process if it is not removed before.
class TemporaryDir implements Disposable {
  readonly path: string;
  readonly #remove = (): void => rmSync(this.path, { recursive: true, force: true });

  private constructor(path: string) {
    this.path = path;
    process.once("exit", this.#remove);
  }

  // A copy of the snapshot shares its blocks where the file system can.
  static async make(): Promise<TemporaryDir> {
    const [snapshot, path] = await Promise.all([prepareSnapshot(), mkdtemp(join(tmpdir(), "millrace-gen-"))]);
    const dir = new TemporaryDir(path);
    await cp(snapshot, join(path, "data"), { recursive: true, mode: constants.COPYFILE_FICLONE });
    return dir;
  }

  [Symbol.dispose](): void {
    process.off("exit", this.#remove);
    this.#remove();
  }
}

function start(dir: string, extensions: Readonly<Record<string, Extension>>): Promise<PGlite> {
  return PGlite.create({
    dataDir: join(dir, "data"),
    extensions,
    // What is left out of memory is in the system's cache.
    startParams: [...PGlite.defaultStartParams, "-c", "shared_buffers=16MB"],
  });
}
