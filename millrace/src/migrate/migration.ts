import { Failure } from "../errors/index.ts";

/** Migration is one file: a step of the schema, up and down. */
export interface Migration {
  /** version orders the migrations: the number that the file's name starts with. */
  readonly version: bigint;
  /** name is the rest of it: "add_users". */
  readonly name: string;
  /** file is where it came from, for messages. */
  readonly file: string;
  readonly up: readonly Chunk[];
  /** down undoes it; undefined: the file has no Down section. */
  readonly down: readonly Chunk[] | undefined;
  /** transaction is false for a file that says NO TRANSACTION. */
  readonly transaction: boolean;
  /** checksum is the SHA-256 of the text with its line ends as LF. */
  readonly checksum: string;
}

/** Chunk is a statement of a file. */
export interface Chunk {
  readonly text: string;
  /** line is where it starts, from 1. */
  readonly line: number;
}

/** refuse is an error that the operator has to resolve: nothing was changed. @internal */
export function refuse(reason: string, message: string): Failure {
  return new Failure(`migrate: ${message}`, { code: "failed_precondition", reason: `migrate/${reason}` });
}
