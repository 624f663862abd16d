import { type Ctx, sleep, withCancel } from "../context/index.ts";
import { attempt } from "../errors/index.ts";
import { group } from "../task/index.ts";
import { allOf } from "./all-of.ts";
import { checkCount, checkNumber } from "./check.ts";
import { type ResilienceHooks, tell } from "./hooks.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** HedgeOptions says when a call is made a second time. */
export interface HedgeOptions<T = unknown> {
  /** delayMs is how long a call may take before it is made again beside the first. See Latencies for a percentile. */
  readonly delayMs: number;
  /** max is how many calls are made in all, at least 1. Default: 2. */
  readonly max?: number;
  /** budget bounds the extra calls of all who share it. Default: none. */
  readonly budget?: RetryBudget;
  /** discard is given what a loser has brought in spite of being canceled, to close it. */
  readonly discard?: (value: T) => void;
  /** hooks are told how many calls were made, and which won. Default: none. */
  readonly hooks?: ResilienceHooks | undefined;
}

/**
 * hedge makes a call, and makes it again each time delayMs go by without an answer, `max` times in all. The first
 * success wins; the others are canceled, and have ended when it is given. A call that fails leaves it to the others that
 * run: hedging is against slowness, `retry` is against failure. If all that run fail, it throws as retry does, or
 * ctx.err if that has ended. The context of a call ends with the hedge.
 *
 * The calls may all take effect: never hedge what is not idempotent.
 */
export async function hedge<T>(
  ctx: Ctx,
  options: HedgeOptions<T>,
  fn: (ctx: Ctx, call: number) => T | PromiseLike<T>,
): Promise<T> {
  const { delayMs, max = 2, budget, discard, hooks } = options;
  checkNumber("hedge: delayMs", delayMs, 0);
  checkCount("hedge: max", max, 1);
  ctx.throwIfDone();
  using race = withCancel(ctx);
  await using calls = group(race);
  const won: T[] = [];
  const errs: unknown[] = [];
  let running = 0;
  let made = 0;
  let winner = 0;
  const call = async (ctx: Ctx, number: number): Promise<void> => {
    try {
      const value = await fn(ctx, number);
      if (won.length === 0) {
        won.push(value);
        winner = number;
      } else discard?.(value);
    } catch (err) {
      errs.push(err);
    }
    if (--running === 0 || won.length > 0) race.cancel();
  };
  for (let number = 1; number <= max; number++) {
    if (number > 1) {
      const [, ended] = await attempt(sleep(race, delayMs));
      if (ended !== undefined || budget?.tryWithdraw() === false) break;
    }
    running++;
    made = number;
    await calls.go((ctx) => call(ctx, number), { name: "hedge" });
  }
  await calls.wait();
  if (hooks !== undefined) tell(hooks, (hooks) => hooks.hedged?.({ calls: made, won: winner }));
  if (won.length > 0) return won[0] as T;
  ctx.throwIfDone();
  throw allOf(errs);
}
