import type { Ctx } from "../../context/index.ts";
import type { Pool } from "../index.ts";
import { eventually } from "./database.ts";

/** warm has the lanes of a pool opened, so many, with nothing under way. */
export async function warm(ctx: Ctx, pool: Pool, lanes: number): Promise<void> {
  await eventually(ctx, "the lanes are open", async () => {
    await Promise.all(Array.from({ length: 2 * lanes }, () => pool.exec(ctx, "select 1")));
    return pool.stats().lanes?.open === lanes;
  });
}
