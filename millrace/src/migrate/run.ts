import type { Ctx } from "../context/index.ts";
import type { Session } from "../sql/index.ts";
import { apply } from "./apply.ts";
import { bodyOf } from "./body.ts";
import type { Direction, Migration } from "./migration.ts";
import type { MigrateOptions } from "./options.ts";
import type { Known } from "./status.ts";

/** run applies migrations one after the other; what cannot be run is found out before the first is. @internal */
export async function run(
  ctx: Ctx,
  session: Session,
  migrations: readonly Migration[],
  direction: Direction,
  { progress }: Known,
  { inDoubt, report }: MigrateOptions,
): Promise<void> {
  for (const migration of migrations) await bodyOf(migration, direction);
  for (const migration of migrations) {
    report?.({ kind: "begin", direction, migration });
    const half = progress?.version === migration.version ? progress : undefined;
    await apply(ctx, session, migration, direction, { progress: half, inDoubt });
    report?.({ kind: "end", direction, migration });
  }
}
