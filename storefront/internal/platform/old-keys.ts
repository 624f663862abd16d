import { type Ctx, sleep } from "millrace/context";
import { codeOf } from "millrace/errors";
import type { Log } from "millrace/log";
import type { Pool } from "millrace/sql";

// A client asks again within minutes; after a day a key is free, so that the table has a bound.
const KEPT = "24 hours";
const EVERY_MS = 3_600_000;

/** forgetOldKeys deletes idempotency keys of yesterday, now and every hour, until ctx ends. */
export async function forgetOldKeys(ctx: Ctx, pool: Pool, log: Log): Promise<void> {
  for (;;) {
    try {
      const sql = `delete from idempotency_keys where created_at < now() - interval '${KEPT}'`;
      const count = await pool.exec(ctx, sql);
      if (count > 0) log.info(ctx, "old idempotency keys forgotten", { count });
    } catch (err) {
      if (codeOf(err) === "canceled") throw err;
      log.warn(ctx, "old idempotency keys not forgotten; will try again", { err });
    }
    await sleep(ctx, EVERY_MS);
  }
}
