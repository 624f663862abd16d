import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../errors/index.ts";
import { codeMigration } from "./code.ts";
import type { Migration } from "./migration.ts";
import { parseMigration } from "./parse.ts";

/**
 * loadMigrations reads the migrations of a folder, in the order of their versions: every .sql file, and every .ts file
 * whose name starts with a number, except tests and declarations. It reads synchronously, for the start of a program,
 * and imports nothing: a TypeScript migration is imported when it is applied. Two files with one version are
 * invalid_argument ("migrate/duplicate"), a bad one is "migrate/bad_file".
 */
export function loadMigrations(dir: string | URL): Migration[] {
  const folder = typeof dir === "string" ? dir : fileURLToPath(dir);
  const migrations = readdirSync(folder).flatMap((name): Migration[] => {
    const file = path.join(folder, name);
    if (name.endsWith(".sql")) return [parseMigration(file, readFileSync(file, "utf8"))];
    if (/^\d[^.]*\.ts$/.test(name)) return [codeMigration(file, readFileSync(file, "utf8"))];
    return [];
  });
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

/** checkVersion refuses a version of which there is no file. @internal */
export function checkVersion(files: readonly Migration[], version: bigint): void {
  if (files.some((file) => file.version === version)) return;
  throw new Failure(`migrate: there is no version ${version} to go to`, {
    code: "invalid_argument",
    reason: "migrate/unknown_version",
  });
}
