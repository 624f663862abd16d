import path from "node:path";
import { Failure, as, codeOf } from "millrace/errors";
import { MigrationFailure } from "millrace/migrate";
import { SqlFailure } from "millrace/sql";
import type { Options } from "./options.ts";

// What to do about an error that has a name.
const HINTS: Readonly<Record<string, string>> = {
  "migrate/changed":
    "Put the file back as it was and write a new migration; while you are writing the last one, `millrace migrate redo` applies it anew.",
  "migrate/missing": "Put the file back, or check out the version of the code that has it.",
  "migrate/out_of_order": "Or apply it all the same: --out-of-order.",
  "migrate/in_doubt": "Then run this again with --in-doubt done, or with --in-doubt again.",
  "migrate/irreversible": "Write a new migration that undoes it.",
  "migrate/unknown_version": "`millrace migrate status` lists the versions.",
  "sql/connect_failed": "Is the server running there, and is --database (or DATABASE_URL) right?",
  "sql/bad_credentials": "Are user and password of --database (or DATABASE_URL) right?",
};

/**
 * explain is a failure on one screen: where, what, the line of the file with a caret where the server named a character,
 * and what to do about it.
 */
export function explain(err: Failure, options: Options): string {
  const place = as(err, MigrationFailure)?.place;
  const lines =
    place === undefined ? [err.message.replaceAll(options.dir, options.shownDir)] : failed(place, err, options);
  const hint = HINTS[err.reason];
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  return lines.join("\n");
}

function failed(place: MigrationFailure["place"], err: Failure, options: Options): string[] {
  const cause = err.cause instanceof Error ? err.cause : err;
  const file = path.join(options.shownDir, place.file);
  const where = [file, place.line, place.column].filter((part) => part !== undefined).join(":");
  const lines = [`${where}: ${message(cause)}`];
  if (place.line !== undefined && place.source !== undefined) {
    const number = `  ${place.line} | `;
    lines.push(`${number}${place.source}`);
    // What takes no width or two columns is the terminal's business; tabs are kept, so that the caret stands below.
    const before = Array.from(place.source).slice(0, (place.column ?? 1) - 1);
    const indent = before.map((char) => (char === "\t" ? "\t" : " ")).join("");
    if (place.column !== undefined) lines.push(`${" ".repeat(number.length)}${indent}^`);
  }
  lines.push(place.what);
  const state = as(cause, SqlFailure)?.sqlState;
  if (state !== undefined) lines.push(`SQLSTATE ${state}`);
  // An error of the migration's own code: its stack names the line.
  if (place.line === undefined && codeOf(cause) === "unknown" && cause.stack !== undefined) lines.push(cause.stack);
  return lines;
}

/** message is the server's own words: what the toolkit adds for a log is on the screen already. */
function message(cause: Error): string {
  if (!(cause instanceof SqlFailure) || cause.sqlState === undefined) return cause.message;
  return cause.message.replace(/ \(at character \d+\)$/, "").replace(/^sql: [^]*?: /, "");
}
