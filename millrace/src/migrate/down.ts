import type { Ctx } from "../context/index.ts";
import type { Pool } from "../sql/index.ts";
import { apply } from "./apply.ts";
import { readHistory } from "./history.ts";
import { inOrder } from "./load.ts";
import { locked } from "./lock.ts";
import { type Migration, refuse } from "./migration.ts";
import { checkHistory } from "./status.ts";

/**
 * down takes back the last migration that was applied and gives it, or undefined if none was. It locks and checks as up
 * does; a file without a Down section is failed_precondition ("migrate/irreversible").
 */
export function down(ctx: Ctx, pool: Pool, migrations: readonly Migration[]): Promise<Migration | undefined> {
  const files = inOrder(migrations);
  return locked(ctx, pool, async (ctx, session) => {
    const history = await readHistory(ctx, session);
    checkHistory(files, history);
    const last = files.findLast((file) => history.has(file.version));
    if (last === undefined) return undefined;
    if (last.down === undefined) throw refuse("irreversible", `${last.file} has no "-- +goose Down"`);
    await apply(ctx, session, last, "down");
    return last;
  });
}
