import { type Ctx, withCancel } from "../context/index.ts";
import { join } from "../errors/index.ts";
import { group } from "../task/index.ts";

/**
 * race asks several for one thing and gives the first success; the others are canceled, and have ended when it is
 * given. If all fail it throws the join of their errors, in the order of the functions, or ctx.err if that has ended.
 */
export async function race<T>(ctx: Ctx, fns: readonly ((ctx: Ctx) => T | PromiseLike<T>)[]): Promise<T> {
  if (fns.length === 0) throw new RangeError("flow: race: there is nothing to race");
  ctx.throwIfDone();
  using running = withCancel(ctx);
  const errs: unknown[] = [];
  const won: T[] = [];
  await using g = group(running);
  for (const [i, fn] of fns.entries()) {
    await g.go(
      async (ctx) => {
        try {
          won.push(await fn(ctx));
          running.cancel();
        } catch (err) {
          errs[i] = err;
        }
      },
      { name: fn.name || "racer" },
    );
  }
  await g.wait();
  // Later ones may have finished in spite of the cancel.
  if (won.length > 0) return won[0] as T;
  ctx.throwIfDone();
  throw join(...errs);
}
