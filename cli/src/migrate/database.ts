import path from "node:path";
import type { Ctx } from "millrace/context";
import { Failure } from "millrace/errors";
import type { Secret } from "millrace/secret";
import { type Driver, type Pool, openPool } from "millrace/sql";
import type { Io } from "../io.ts";
import { UsageError } from "../usage.ts";

/** openDatabase opens what --database or DATABASE_URL names: a server, or an embedded database as pglite:FOLDER. */
export async function openDatabase(ctx: Ctx, database: Secret<string> | undefined, io: Io): Promise<Pool> {
  if (database === undefined) {
    throw new UsageError("which database? Give --database postgres://user:password@host/name, or set DATABASE_URL");
  }
  return await openPool(ctx, await driverOf(database, io), { maxConns: 2 });
}

async function driverOf(database: Secret<string>, io: Io): Promise<Driver> {
  const url = database.reveal();
  if (url.startsWith("pglite:")) {
    const { pglite } = await import("millrace/sql/pglite");
    return pglite({ dir: path.resolve(io.cwd, url.slice("pglite:".length)) });
  }
  if (!/^postgres(ql)?:\/\//.test(url)) throw new UsageError("the database must be postgres://… or pglite:FOLDER");
  const { postgres } = await import("millrace/sql/postgres");
  try {
    return postgres({ url: database, applicationName: "millrace migrate" });
  } catch (err) {
    // What is wrong with a URL is said without quoting it.
    if (err instanceof Failure && err.reason === "sql/bad_url") throw new UsageError(err.message);
    throw err;
  }
}

/** redact takes the password of a URL out of a text, as it is written there and as it is meant. */
export function redact(text: string, database: Secret<string> | undefined): string {
  const url = database?.reveal() ?? "";
  const written = [/^\w+:\/\/[^:@/]*:(.*)@/.exec(url)?.[1], /[?&]password=([^&]*)/.exec(url)?.[1]];
  const secrets = written
    .filter((word) => word !== undefined && word !== "")
    .flatMap((word) => [word!, decoded(word!)]);
  // The longest first: one may be a part of another.
  const ordered = [url, ...secrets].filter((word) => word !== "").toSorted((a, b) => b.length - a.length);
  return ordered.reduce((text, secret) => text.replaceAll(secret, "***"), text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
