import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Failure } from "../../errors/index.ts";
import { prepareDataDir } from "./data-dir.ts";
import { DirLock } from "./dir-lock.ts";
import { PgliteHost } from "./host.ts";

/**
 * Embedded is one embedded database over its life: it is opened when it is first asked for, and again after its worker
 * has died. One without a directory of its own is not: its data died with the worker, which nobody should overlook.
 */
export class Embedded {
  readonly #dir: string | undefined;
  #host: Promise<PgliteHost> | undefined = undefined;
  #closed = false;

  constructor(dir: string | undefined) {
    this.#dir = dir === undefined ? undefined : resolve(dir);
  }

  /** host is the running database. */
  host(): Promise<PgliteHost> {
    if (this.#closed) {
      return Promise.reject(
        new Failure("sql: pglite: the database has been closed", { code: "unavailable", reason: "sql/pglite_closed" }),
      );
    }
    return (this.#host ??= this.#open());
  }

  /** close closes the database if it runs; afterwards it cannot be opened again. */
  async close(): Promise<void> {
    this.#closed = true;
    const host = await this.#host?.catch(() => undefined);
    await host?.close();
  }

  async #open(): Promise<PgliteHost> {
    try {
      if (this.#dir === undefined) return await openTemporary();
      const host = await openDir(this.#dir);
      void host.gone.then(() => (this.#host = undefined));
      return host;
    } catch (err) {
      this.#host = undefined;
      throw err;
    }
  }
}

async function openDir(dir: string): Promise<PgliteHost> {
  const lock = DirLock.take(dir);
  try {
    await prepareDataDir(dir);
    const host = await PgliteHost.open(dir);
    void host.gone.then(() => lock.release());
    return host;
  } catch (err) {
    lock.release();
    throw err;
  }
}

// On disk all the same: PGlite in memory starts more slowly and takes 130 MB more.
async function openTemporary(): Promise<PgliteHost> {
  const parent = await mkdtemp(join(tmpdir(), "millrace-pglite-"));
  const removeNow = (): void => rmSync(parent, { recursive: true, force: true });
  process.once("exit", removeNow);
  const remove = async (): Promise<void> => {
    await rm(parent, { recursive: true, force: true });
    process.off("exit", removeNow);
  };
  try {
    const dir = join(parent, "data");
    await prepareDataDir(dir);
    const host = await PgliteHost.open(dir);
    void host.gone.then(remove);
    return host;
  } catch (err) {
    await remove();
    throw err;
  }
}
