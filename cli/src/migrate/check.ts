import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { Failure } from "millrace/errors";
import { type Migration, type MigrationStatus, loadMigrations, parseMigration } from "millrace/migrate";

/** Checked is what check found in a folder. */
export interface Checked {
  readonly migrations: readonly Migration[];
  readonly problems: readonly Failure[];
}

/** checkFiles reads and imports every migration of a folder and gives all that is wrong with them. */
export async function checkFiles(dir: string): Promise<Checked> {
  const problems: Failure[] = [];
  for (const name of readdirSync(dir).filter((name) => name.endsWith(".sql"))) {
    const file = path.join(dir, name);
    keep(problems, () => parseMigration(file, readFileSync(file, "utf8")));
  }
  let migrations: Migration[] = [];
  if (problems.length === 0) keep(problems, () => (migrations = loadMigrations(dir)));
  for (const migration of migrations) {
    if (migration.kind !== "code") continue;
    try {
      await migration.load();
    } catch (err) {
      problems.push(asFailure(err));
    }
  }
  return { migrations, problems };
}

/** drift says what is wrong between the files and a database, a line each; pending is not. */
export function drift(states: readonly MigrationStatus[]): string[] {
  const says: Partial<Record<MigrationStatus["state"], string>> = {
    changed: "was changed after it was applied",
    missing: "is applied, and there is no file of it",
    out_of_order: "is not applied, but a later one is",
    partial: "ended half way",
  };
  return states.flatMap(({ state, file, version }) => {
    const what = says[state];
    return what === undefined ? [] : [`${file ?? `version ${version}`} ${what}`];
  });
}

function keep(problems: Failure[], fn: () => unknown): void {
  try {
    fn();
  } catch (err) {
    problems.push(asFailure(err));
  }
}

function asFailure(err: unknown): Failure {
  if (err instanceof Failure) return err;
  throw err;
}
