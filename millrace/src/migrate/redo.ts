import type { Ctx } from "../context/index.ts";
import type { Pool } from "../sql/index.ts";
import { bodyOf } from "./body.ts";
import { inOrder } from "./load.ts";
import { locked } from "./lock.ts";
import type { Migration } from "./migration.ts";
import type { MigrateOptions } from "./options.ts";
import { run } from "./run.ts";
import { type Known, checkHalf, checkKnown, readKnown } from "./status.ts";

/**
 * redo takes back the last migration and applies it again, for whoever is writing it: its file may have been changed
 * since it was applied. It gives that migration, or undefined if none is applied. When the way up fails, the migration
 * stays taken back.
 */
export async function redo(
  ctx: Ctx,
  pool: Pool,
  migrations: readonly Migration[],
  options: MigrateOptions = {},
): Promise<Migration | undefined> {
  const files = inOrder(migrations);
  if (options.dryRun === true) return lastOf(files, await readKnown(ctx, pool));
  return await locked(ctx, pool, options.report, async (ctx, session) => {
    const known = await readKnown(ctx, session);
    const last = lastOf(files, known);
    if (last === undefined) return undefined;
    await bodyOf(last, "up");
    await run(ctx, session, [last], "down", known, options);
    await run(ctx, session, [last], "up", { ...known, progress: undefined }, options);
    return last;
  });
}

function lastOf(files: readonly Migration[], known: Known): Migration | undefined {
  const last = files.findLast(({ version }) => known.applied.has(version));
  checkKnown(files, known, { changed: last?.version });
  checkHalf(files, known, "down");
  return last;
}
