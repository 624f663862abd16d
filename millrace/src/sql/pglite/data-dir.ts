import { constants } from "node:fs";
import { cp, mkdir, readFile, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Failure } from "../../errors/index.ts";
import { makeDatabase, prepareSnapshot } from "./snapshot.ts";

// What PGlite 0.5 embeds.
const POSTGRES_MAJOR = "18";

/**
 * prepareDataDir makes sure that a directory holds a database; whoever calls it holds the directory's lock.
 *
 * A new one is copied from the snapshot to `<dir>.new` and renamed when it is whole, so that a directory that looks
 * like a database is one. Fails with failed_precondition: "sql/pglite_version" for a database of another PostgreSQL,
 * "sql/pglite_dir" for a directory that holds something else.
 */
export async function prepareDataDir(dir: string): Promise<void> {
  const version = await readFile(`${dir}/PG_VERSION`, "utf8").catch(() => undefined);
  if (version !== undefined) return checkVersion(dir, version.trim());
  if ((await entries(dir)) > 0) {
    throw new Failure(`sql: pglite: ${dir} is not empty and holds no database`, {
      code: "failed_precondition",
      reason: "sql/pglite_dir",
    });
  }
  const making = `${dir}.new`;
  // Left by a process that was killed here.
  await rm(making, { recursive: true, force: true });
  await mkdir(dirname(dir), { recursive: true });
  await fill(making);
  // Not every system renames onto an empty directory.
  await rmdir(dir).catch(() => {});
  await rename(making, dir);
}

// Where no snapshot can be kept (a read-only image) the database is made in place.
async function fill(dir: string): Promise<void> {
  const snapshot = await prepareSnapshot().catch((err: unknown) => {
    if (err instanceof Failure) throw err;
    return undefined;
  });
  if (snapshot === undefined) await makeDatabase(dir);
  // Shares the blocks where the file system can.
  else await cp(snapshot, dir, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

function checkVersion(dir: string, version: string): void {
  if (version === POSTGRES_MAJOR) return;
  throw new Failure(
    `sql: pglite: ${dir} is a database of PostgreSQL ${version}, the embedded one is ${POSTGRES_MAJOR}: ` +
      "dump it with its own version and restore it into a new directory",
    { code: "failed_precondition", reason: "sql/pglite_version" },
  );
}

async function entries(dir: string): Promise<number> {
  try {
    return (await readdir(dir)).length;
  } catch (err) {
    if (err instanceof Error && "code" in err && err.code === "ENOENT") return 0;
    throw err;
  }
}
