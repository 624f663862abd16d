import { join } from "node:path";
import type { Ctx } from "millrace/context";
import type { Log } from "millrace/log";
import { loadMigrations, up } from "millrace/migrate";
import { type Pool, type PoolHooks, openPool } from "millrace/sql";
import type { Settings } from "./settings.ts";

const MIGRATIONS = join(import.meta.dirname, "../../db/migrations");

/** openDatabase opens the pool on a real PostgreSQL if there is a DATABASE_URL, else on the embedded one. */
export async function openDatabase(ctx: Ctx, settings: Settings, hooks: PoolHooks = {}): Promise<Pool> {
  const { databaseUrl, maxConns, dataDir } = settings;
  const options = { maxConns, hooks };
  // The drivers are loaded on demand: neither costs the start of the other.
  if (databaseUrl !== undefined) {
    const { postgres } = await import("millrace/sql/postgres");
    return openPool(ctx, postgres({ url: databaseUrl.reveal(), applicationName: "storefront" }), options);
  }
  const { pglite } = await import("millrace/sql/pglite");
  return openPool(ctx, pglite({ dir: join(dataDir, "postgres") }), options);
}

/** migrate brings the schema up to date; another process that is doing so is waited for. */
export async function migrate(ctx: Ctx, pool: Pool, log: Log): Promise<void> {
  for (const done of await up(ctx, pool, loadMigrations(MIGRATIONS))) {
    log.info(ctx, "migration applied", { version: String(done.version), name: done.name });
  }
}
