import { Failure, as, codeOf } from "../errors/index.ts";
import { SqlFailure } from "../sql/index.ts";
import type { Chunk, MigrationFile } from "./migration.ts";

/** Place is where in a migration something failed. */
export interface Place {
  readonly file: string;
  /** line counts from 1; undefined in a TypeScript migration. */
  readonly line: number | undefined;
  /** column counts characters from 1; undefined where the server does not say. */
  readonly column: number | undefined;
  /** source is the text of the line. */
  readonly source: string | undefined;
  /** what says which statement it was and what is left of the migration: "statement 2 of 3; …". */
  readonly what: string;
}

/**
 * MigrationFailure is a migration that failed while it ran: "migrate/failed", or canceled and deadline_exceeded when its
 * context ended. Its cause is the error of the statement, or what the migration threw.
 */
export class MigrationFailure extends Failure {
  readonly place: Place;

  /** @internal */
  constructor(place: Place, cause: unknown) {
    const where = [place.file, place.line, place.column].filter((part) => part !== undefined).join(":");
    const ended = codeOf(cause) === "canceled" || codeOf(cause) === "deadline_exceeded";
    super(`migrate: ${where}: ${place.what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: ended ? codeOf(cause) : "internal",
      reason: ended ? undefined : "migrate/failed",
      cause,
    });
    this.place = place;
  }

  static {
    this.prototype.name = "MigrationFailure";
  }
}

/** failure says where a migration failed: at the place that the server names in a statement. @internal */
export function failure(
  { file }: MigrationFile,
  chunk: Chunk | undefined,
  what: string,
  cause: unknown,
): MigrationFailure {
  if (chunk === undefined) {
    return new MigrationFailure({ file, line: undefined, column: undefined, source: undefined, what }, cause);
  }
  const position = as(cause, SqlFailure)?.position;
  // The server counts characters, and strings count what UTF-16 has two of for some.
  const before =
    position === undefined
      ? []
      : Array.from(chunk.text)
          .slice(0, position - 1)
          .join("")
          .split("\n");
  const last = Math.max(before.length - 1, 0);
  return new MigrationFailure(
    {
      file,
      line: chunk.line + last,
      column: position === undefined ? undefined : Array.from(before[last] ?? "").length + 1,
      source: chunk.text.split("\n")[last],
      what,
    },
    cause,
  );
}
