import type { Ctx } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import type { Pool } from "../sql/index.ts";
import { apply } from "./apply.ts";
import { createHistory, readHistory } from "./history.ts";
import { inOrder } from "./load.ts";
import { locked } from "./lock.ts";
import type { Migration } from "./migration.ts";
import { checkHistory } from "./status.ts";

/** UpOptions says how far to go. */
export interface UpOptions {
  /** to is the last version to apply. Default: all. */
  readonly to?: bigint;
}

/**
 * up applies the migrations that are pending, in order, each in a transaction of its own, and gives those that it
 * applied. Only one runs at a time, in all processes; the others wait, until their ctx ends, and find nothing to do.
 *
 * Before it changes anything it compares files and database: a file that was changed after it was applied
 * ("migrate/changed"), an applied one without a file ("migrate/missing") and a pending one below an applied one
 * ("migrate/out_of_order") are failed_precondition. A statement that fails is "migrate/failed", with file, line and
 * number; its migration is rolled back, those before it stay.
 */
export async function up(
  ctx: Ctx,
  pool: Pool,
  migrations: readonly Migration[],
  options: UpOptions = {},
): Promise<Migration[]> {
  const files = inOrder(migrations);
  const { to } = options;
  if (to !== undefined && !files.some((file) => file.version === to)) {
    throw new Failure(`migrate: there is no version ${to} to go up to`, {
      code: "invalid_argument",
      reason: "migrate/unknown_version",
    });
  }
  return await locked(ctx, pool, async (ctx, session) => {
    await createHistory(ctx, session);
    const history = await readHistory(ctx, session);
    checkHistory(files, history);
    const pending = files.filter((file) => !history.has(file.version) && (to === undefined || file.version <= to));
    for (const migration of pending) await apply(ctx, session, migration, "up");
    return pending;
  });
}
