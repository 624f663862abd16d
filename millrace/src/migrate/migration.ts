import type { Ctx } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import type { Session, Tx } from "../sql/index.ts";

/** Migration is one file, a step of the schema, up and down: SQL, or TypeScript where SQL is not enough. */
export type Migration = SqlMigration | CodeMigration;

/** SqlMigration is a file in goose's format. */
export interface SqlMigration extends MigrationFile {
  readonly kind: "sql";
  readonly up: readonly Chunk[];
  /** down undoes it; undefined: the file has no Down section. */
  readonly down: readonly Chunk[] | undefined;
  /** transaction is false for a file that says NO TRANSACTION. */
  readonly transaction: boolean;
}

/** CodeMigration is a TypeScript file. */
export interface CodeMigration extends MigrationFile {
  readonly kind: "code";
  /**
   * load imports the file. That happens when it is applied and not before, so that one that was applied long ago may
   * import what is gone. What is no migration is invalid_argument ("migrate/bad_file").
   */
  load(): Promise<MigrationModule>;
}

/** MigrationFile is what every migration has. */
export interface MigrationFile {
  /** version orders the migrations: the number that the file's name starts with. */
  readonly version: bigint;
  /** name is the rest of it: "add_users". */
  readonly name: string;
  /** file is where it came from, for messages. */
  readonly file: string;
  /** checksum is the SHA-256 of the text with its line ends as LF. */
  readonly checksum: string;
}

/** MigrationModule is what a TypeScript migration exports. */
export type MigrationModule =
  | { readonly transaction?: true; readonly up: Step<Tx>; readonly down?: Step<Tx> }
  /**
   * Without a transaction: what such a migration did before it failed stays, and only whoever looks at the database can
   * say whether it may run again; see UpOptions.inDoubt.
   */
  | { readonly transaction: false; readonly up: Step<Session>; readonly down?: Step<Session> };

/** Step is one direction of a TypeScript migration. */
export type Step<Db> = (ctx: Ctx, db: Db) => Promise<void>;

/** Chunk is a statement of a file. */
export interface Chunk {
  readonly text: string;
  /** line is where it starts, from 1. */
  readonly line: number;
}

/** Direction is the way that a migration is run. @internal */
export type Direction = "up" | "down";

/** badFile is an error in a file. @internal */
export function badFile(where: string, what: string, cause?: unknown): Failure {
  return new Failure(`migrate: ${where}: ${what}`, { code: "invalid_argument", reason: "migrate/bad_file", cause });
}

/** refuse is an error that the operator has to resolve: nothing was changed. @internal */
export function refuse(reason: string, message: string): Failure {
  return new Failure(`migrate: ${message}`, { code: "failed_precondition", reason: `migrate/${reason}` });
}
