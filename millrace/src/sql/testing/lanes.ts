import type { Ctx } from "../../context/index.ts";
import type { Driver, Pool, PoolOptions } from "../index.ts";
import { boundsOf } from "../options.ts";
import { openBounded } from "../pool.ts";
import { eventually } from "./database.ts";

/** openTrusting is openPool with a pipeline that takes texts which it has not seen before. */
export async function openTrusting(ctx: Ctx, driver: Driver, options: PoolOptions): Promise<Pool> {
  return await openBounded(ctx, driver, { ...boundsOf(options), trialRuns: 0 });
}

/** warm has the lanes of a pool opened, so many, with nothing under way. */
export async function warm(ctx: Ctx, pool: Pool, lanes: number): Promise<void> {
  let n = 0;
  await eventually(ctx, "the lanes are open", async () => {
    // Several texts, several times: a new one has to be quick elsewhere first, and one that was slow while the machine was
    // busy is kept off them.
    await Promise.all(Array.from({ length: 2 * lanes }, () => pool.exec(ctx, `select ${n++ % 40} as warm`)));
    return pool.stats().lanes?.open === lanes;
  });
}
