import type { Ctx } from "../context/index.ts";
import type { Pool } from "../sql/index.ts";
import { createHistory } from "./history.ts";
import { checkVersion, inOrder } from "./load.ts";
import { locked } from "./lock.ts";
import type { Migration } from "./migration.ts";
import type { MigrateOptions } from "./options.ts";
import { run } from "./run.ts";
import { type Known, checkHalf, checkKnown, readKnown } from "./status.ts";

/** UpOptions says how far to go. */
export interface UpOptions extends MigrateOptions {
  /** to is the last version to apply. Default: all. */
  readonly to?: bigint | undefined;
  /**
   * outOfOrder applies pending migrations below ones that are applied too, as branches that were merged late leave them.
   * Default false: that is an error.
   */
  readonly outOfOrder?: boolean | undefined;
}

/**
 * up applies the migrations that are pending, in order, each in a transaction of its own, and gives those that it
 * applied. Only one runs at a time, in all processes; the others wait, until their ctx ends, and find nothing to do.
 *
 * Before it changes anything it compares files and database: a file that was changed after it was applied
 * ("migrate/changed"), an applied one without a file ("migrate/missing") and a pending one below an applied one
 * ("migrate/out_of_order") are failed_precondition. It imports the TypeScript files that it needs before it runs the
 * first. What fails is a MigrationFailure ("migrate/failed") with file, line and number of the statement; its migration
 * is rolled back, those before it stay.
 *
 * A migration with NO TRANSACTION that ended half way is gone on with at the statement that was not applied.
 */
export async function up(
  ctx: Ctx,
  pool: Pool,
  migrations: readonly Migration[],
  options: UpOptions = {},
): Promise<Migration[]> {
  const files = inOrder(migrations);
  if (options.to !== undefined) checkVersion(files, options.to);
  if (options.dryRun === true) return pendingOf(files, await readKnown(ctx, pool), options);
  return await locked(ctx, pool, options.report, async (ctx, session) => {
    await createHistory(ctx, session);
    const known = await readKnown(ctx, session);
    const pending = pendingOf(files, known, options);
    await run(ctx, session, pending, "up", known, options);
    return pending;
  });
}

function pendingOf(files: readonly Migration[], known: Known, { to, outOfOrder }: UpOptions): Migration[] {
  checkKnown(files, known, { outOfOrder });
  checkHalf(files, known, "up");
  return files.filter(({ version }) => !known.applied.has(version) && (to === undefined || version <= to));
}
