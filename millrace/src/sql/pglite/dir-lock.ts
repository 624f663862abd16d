import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Failure } from "../../errors/index.ts";

/**
 * DirLock holds a data directory for this process. Two processes on one directory destroy it, and PGlite does not see
 * the other.
 *
 * The lock is one of the system's own on the file `<dir>.lock`, by way of Node's SQLite: it is gone when the process
 * is, however that ended, it is seen through other paths to the directory and from other containers on this machine,
 * and there is nothing stale to be detected. The file stays. (A listening socket is seen in one network namespace only,
 * and one with a file must be unlinked when it is stale, which two processes can do to each other.)
 */
export class DirLock {
  readonly #file: DatabaseSync;

  private constructor(file: DatabaseSync) {
    this.#file = file;
  }

  /**
   * take takes the lock or fails at once: failed_precondition, "sql/pglite_locked" when another has it, saying who,
   * "sql/pglite_dir" when the directory's parent cannot be written to.
   */
  static take(dir: string): DirLock {
    let file: DatabaseSync | undefined;
    try {
      file = new DatabaseSync(`${canonical(dir)}.lock`, { timeout: 0 });
      // The holder's id is for the message alone. It is written before the transaction that is the lock.
      file.exec(`pragma synchronous = off; pragma user_version = ${process.pid}; begin immediate`);
      return new DirLock(file);
    } catch (err) {
      const failure = isBusy(err) ? locked(dir, holder(file)) : unusable(dir, err);
      file?.close();
      throw failure;
    }
  }

  /** release lets the next one in; once is enough. */
  release(): void {
    if (this.#file.isOpen) this.#file.close();
  }
}

// The directory may not exist yet; its parent is made.
function canonical(dir: string): string {
  const parent = dirname(resolve(dir));
  mkdirSync(parent, { recursive: true });
  const path = join(realpathSync(parent), basename(resolve(dir)));
  return existsSync(path) ? realpathSync(path) : path;
}

// SQLITE_BUSY. Source: https://www.sqlite.org/rescode.html
function isBusy(err: unknown): boolean {
  return err instanceof Error && "errcode" in err && err.errcode === 5;
}

function holder(file: DatabaseSync | undefined): string {
  try {
    const pid = file?.prepare("pragma user_version").get()?.["user_version"];
    return pid === process.pid ? "this process" : pid === undefined ? "another process" : `process ${String(pid)}`;
  } catch {
    return "another process";
  }
}

function locked(dir: string, by: string): Failure {
  return new Failure(
    `sql: pglite: ${dir} is in use by ${by}: an embedded database belongs to one process at a time; stop the other, ` +
      "or use a PostgreSQL server",
    { code: "failed_precondition", reason: "sql/pglite_locked" },
  );
}

function unusable(dir: string, cause: unknown): Failure {
  return new Failure(`sql: pglite: cannot lock ${dir}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    code: "failed_precondition",
    reason: "sql/pglite_dir",
    cause,
  });
}
