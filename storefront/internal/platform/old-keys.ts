import { type Ctx, sleep } from "millrace/context";
import { codeOf } from "millrace/errors";
import type { Log } from "millrace/log";
import type { Pool } from "millrace/sql";
import { forgetKeys } from "../../db/gen/transfers.ts";

// A client asks again within minutes; after a day a key is free, so that the table has a bound.
const KEPT_MS = 24 * 3_600_000;
const EVERY_MS = 3_600_000;

/** forgetOldKeys deletes idempotency keys of yesterday, now and every hour, until ctx ends. */
export async function forgetOldKeys(ctx: Ctx, pool: Pool, log: Log): Promise<void> {
  for (;;) {
    try {
      const count = await forgetKeys(ctx, pool, { before: new Date(Date.now() - KEPT_MS) });
      if (count > 0) log.info(ctx, "old idempotency keys forgotten", { count });
    } catch (err) {
      if (codeOf(err) === "canceled") throw err;
      log.warn(ctx, "old idempotency keys not forgotten; will try again", { err });
    }
    await sleep(ctx, EVERY_MS);
  }
}
