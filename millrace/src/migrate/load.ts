import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../errors/index.ts";
import type { Migration } from "./migration.ts";
import { parseMigration } from "./parse.ts";

/**
 * loadMigrations reads every .sql file of a folder, in the order of their versions. It reads synchronously: it is for
 * the start of a program. Two files with one version are invalid_argument ("migrate/duplicate"), a bad one is
 * "migrate/bad_file".
 */
export function loadMigrations(dir: string | URL): Migration[] {
  const folder = typeof dir === "string" ? dir : fileURLToPath(dir);
  const migrations = readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .map((file) => path.join(folder, file))
    .map((file) => parseMigration(file, readFileSync(file, "utf8")));
  return inOrder(migrations);
}

/** inOrder sorts migrations by version and refuses one that comes twice. @internal */
export function inOrder(migrations: readonly Migration[]): Migration[] {
  const sorted = migrations.toSorted((a, b) => (a.version < b.version ? -1 : a.version > b.version ? 1 : 0));
  for (const [i, migration] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before?.version !== migration.version) continue;
    throw new Failure(`migrate: ${before.file} and ${migration.file} have the same version`, {
      code: "invalid_argument",
      reason: "migrate/duplicate",
    });
  }
  return sorted;
}
