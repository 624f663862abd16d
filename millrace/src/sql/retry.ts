import { type Ctx, sleep } from "../context/index.ts";
import { Failure, as } from "../errors/index.ts";
import { SqlFailure } from "./failure.ts";

const BASE_MS = 10;
const MAX_MS = 200;

/**
 * retrying runs a transaction again when the server rolled it back because of another one: serialization failures and
 * deadlocks, and nothing else. It waits a random time in between, up to 10 ms at first and 200 ms at last. @internal
 */
export async function retrying<T>(ctx: Ctx, attempts: number, once: () => Promise<T>): Promise<T> {
  if (!Number.isSafeInteger(attempts) || attempts < 1) {
    throw new Failure(`sql: tx: attempts must be a whole number of at least 1, not ${attempts}`, {
      code: "invalid_argument",
      reason: "sql/bad_option",
    });
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await once();
    } catch (err) {
      const state = as(err, SqlFailure)?.sqlState;
      if (attempt >= attempts || ctx.err !== undefined || (state !== "40001" && state !== "40P01")) throw err;
      await sleep(ctx, Math.random() * Math.min(BASE_MS * 2 ** (attempt - 1), MAX_MS));
    }
  }
}
