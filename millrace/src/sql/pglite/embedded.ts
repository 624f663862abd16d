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
        new Failure("sql: pglite: the database has been closed", {
          code: "unavailable",
          reason: "sql/pglite_closed",
          retryable: false,
        }),
      );
    }
    return this.#host ?? this.#open();
  }

  /** close closes the database if it runs; afterwards it cannot be opened again. */
  async close(): Promise<void> {
    this.#closed = true;
    const host = await this.#host?.catch(() => undefined);
    await host?.close();
  }

  #open(): Promise<PgliteHost> {
    const opening = this.#dir === undefined ? openTemporary() : openDir(this.#dir);
    this.#host = opening;
    const forget = (): void => {
      this.#host = undefined;
    };
    // What failed to open may be tried again, what has died too unless its data died with it.
    opening.then((host) => (this.#dir === undefined ? undefined : host.gone.then(forget)), forget);
    return opening;
  }
}

async function openDir(dir: string): Promise<PgliteHost> {
  const lock = DirLock.take(dir);
  return openOver(dir, () => lock.release());
}

// On disk all the same: PGlite in memory starts more slowly and takes 130 MB more.
async function openTemporary(): Promise<PgliteHost> {
  const parent = await mkdtemp(join(tmpdir(), "millrace-pglite-"));
  const removeNow = (): void => rmSync(parent, { recursive: true, force: true });
  process.once("exit", removeNow);
  return openOver(join(parent, "data"), async () => {
    await rm(parent, { recursive: true, force: true });
    process.off("exit", removeNow);
  });
}

async function openOver(dir: string, cleanUp: () => void | Promise<void>): Promise<PgliteHost> {
  try {
    await prepareDataDir(dir);
  } catch (err) {
    await cleanUp();
    throw err;
  }
  return PgliteHost.open(dir, cleanUp);
}
