import type { Ctx } from "../context/index.ts";
import type { Pool } from "../sql/index.ts";
import { checkVersion, inOrder } from "./load.ts";
import { locked } from "./lock.ts";
import type { Migration } from "./migration.ts";
import type { MigrateOptions } from "./options.ts";
import { run } from "./run.ts";
import { type Known, checkHalf, checkKnown, readKnown } from "./status.ts";

/** DownOptions says how far to go back. */
export interface DownOptions extends MigrateOptions {
  /** to is the version to go back to: everything above it is taken back, 0 is everything. Default: the last one alone. */
  readonly to?: bigint | undefined;
}

/**
 * down takes back the last migration that was applied, or those above a version, the last one first, and gives them. It
 * locks and checks as up does; one without a Down is failed_precondition ("migrate/irreversible"), and then none is
 * taken back.
 */
export async function down(
  ctx: Ctx,
  pool: Pool,
  migrations: readonly Migration[],
  options: DownOptions = {},
): Promise<Migration[]> {
  const files = inOrder(migrations);
  if (options.to !== undefined && options.to !== 0n) checkVersion(files, options.to);
  if (options.dryRun === true) return appliedAbove(files, await readKnown(ctx, pool), options);
  return await locked(ctx, pool, options.report, async (ctx, session) => {
    const known = await readKnown(ctx, session);
    const last = appliedAbove(files, known, options);
    await run(ctx, session, last, "down", known, options);
    return last;
  });
}

function appliedAbove(files: readonly Migration[], known: Known, { to }: DownOptions): Migration[] {
  checkKnown(files, known);
  checkHalf(files, known, "down");
  const applied = files.filter(({ version }) => known.applied.has(version)).toReversed();
  return to === undefined ? applied.slice(0, 1) : applied.filter(({ version }) => version > to);
}
