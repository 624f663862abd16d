import type { Ctx } from "../../../context/index.ts";
import { openPool } from "../../index.ts";
import { postgres } from "../../postgres/index.ts";
import type { Database } from "../../testing/database.ts";

/** running counts the statements that run on the server in a test's database. */
export async function running(ctx: Ctx, db: Database): Promise<number> {
  await using admin = await openPool(ctx, postgres(db.url), { maxConns: 1 });
  return await admin.exec(
    ctx,
    "select from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid()",
  );
}
