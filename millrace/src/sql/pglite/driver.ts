import type { Ctx } from "../../context/index.ts";
import type { Driver } from "../driver.ts";
import { orDone } from "../../context/or-done.ts";
import { type TypeOptions, connectClient } from "../postgres/index.ts";
import { Types } from "../postgres/types.ts";
import { Embedded } from "./embedded.ts";

/** PgliteOptions says where the embedded database is. */
export interface PgliteOptions {
  /**
   * dir is the data directory; it is made when it is missing. Only one process may have it open. Default: a temporary
   * one, removed at the end.
   */
  readonly dir?: string | undefined;
  /** types chooses how values come, as in postgres(). */
  readonly types?: TypeOptions;
}

/** PgliteDriver is a Driver that can be started ahead of its first connection. */
export interface PgliteDriver extends Driver {
  /**
   * start starts the database and resolves when it is open. Called before the rest of a program is loaded and awaited
   * after it, it takes the time of neither: the database has a thread of its own.
   */
  start(ctx: Ctx): Promise<void>;
}

/**
 * pglite is PostgreSQL 18 inside this process, for development, tests and small services: PGlite in a worker thread,
 * behind the same client as a server. Nothing happens before the first connect, ping or start.
 *
 * What was committed survives the death of the process by any signal, not a power failure: nothing waits for the disk.
 * All connections share one session and one thread: a transaction makes the others wait, a query that runs cannot be
 * canceled, nothing is pipelined, and SET, temporary tables, LISTEN and advisory locks are everybody's. It never runs autovacuum by itself.
 */
export function pglite(options: PgliteOptions = {}): PgliteDriver {
  const embedded = new Embedded(options.dir);
  const types = new Types(options.types);
  return {
    name: "pglite",
    can: { cancel: false, advisoryLocks: false },
    async start(ctx) {
      await orDone(ctx, embedded.host());
    },
    async connect(ctx) {
      const host = await orDone(ctx, embedded.host());
      const config = { stream: () => host.connect(), user: "postgres", database: "postgres", ssl: false };
      return connectClient(ctx, config, { types });
    },
    async ping(ctx) {
      const host = await orDone(ctx, embedded.host());
      await host.ping(ctx);
    },
    close: () => embedded.close(),
  };
}
