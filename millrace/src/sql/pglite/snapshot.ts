import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../../errors/index.ts";
import { runTask } from "./thread.ts";

// To be raised when what a new database is made with changes (INITDB in database.ts).
const FORMAT = 1;

/**
 * prepareSnapshot makes sure that there is a snapshot, and returns its directory. A snapshot is an empty database, made
 * by initdb once (3 s) and copied for each new data directory (0.03 s). It stands in the node_modules folder that holds
 * PGlite, under .cache/millrace, by PGlite's version, and may be deleted at any time.
 */
export async function prepareSnapshot(): Promise<string> {
  const path = await snapshotPath();
  if (existsSync(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  // Under a name of its own until it is whole: whoever is killed leaves a folder that nobody takes for a snapshot.
  const making = await mkdtemp(`${path}.new-`);
  try {
    await makeDatabase(making);
    await rename(making, path);
  } catch (err) {
    await rm(making, { recursive: true, force: true });
    // Another process was faster.
    if (!existsSync(path)) throw err;
  }
  return path;
}

/** makeDatabase makes an empty database in a directory that is empty or missing, in a worker thread that then ends. */
export function makeDatabase(dir: string): Promise<void> {
  return runTask({ task: "make", dir });
}

async function snapshotPath(): Promise<string> {
  const entry = pgliteEntry();
  const packageDir = dirname(dirname(entry));
  // npm wrote it.
  const { version } = JSON.parse(await readFile(join(packageDir, "package.json"), "utf8")) as { version: string };
  const at = packageDir.lastIndexOf(`${sep}node_modules${sep}`);
  if (at === -1) throw new Error(`${packageDir} is in no node_modules folder`);
  return join(packageDir.slice(0, at), "node_modules", ".cache", "millrace", `pglite-${version}-${FORMAT}`);
}

// …/node_modules/@electric-sql/pglite/dist/index.js
function pgliteEntry(): string {
  try {
    return fileURLToPath(import.meta.resolve("@electric-sql/pglite"));
  } catch (err) {
    throw new Failure("sql: pglite: the package is missing: npm install @electric-sql/pglite pg", {
      code: "failed_precondition",
      reason: "sql/pglite_missing",
      cause: err,
    });
  }
}
