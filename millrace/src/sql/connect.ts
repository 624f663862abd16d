import { type Ctx, withTimeout } from "../context/index.ts";
import { formatDuration } from "../time/index.ts";
import type { Conn, Driver } from "./driver.ts";
import { SqlFailure } from "./failure.ts";

/**
 * connectWithin opens a connection within a number of milliseconds. A server that is silent until then is unavailable: no
 * caller's own deadline has passed. @internal
 */
export async function connectWithin(ctx: Ctx, driver: Driver, ms: number): Promise<Conn> {
  using within = withTimeout(ctx, ms);
  try {
    return await driver.connect(within);
  } catch (err) {
    if (within.err === undefined || ctx.err !== undefined) throw err;
    const what = err instanceof Error ? err.message : String(err);
    throw new SqlFailure(`${what} (no answer within ${formatDuration(ms)})`, {
      code: "unavailable",
      reason: "sql/connect_failed",
      cause: err,
    });
  }
}
