import { type Ctx, sleep, timeLeftMs, withTimeout } from "../context/index.ts";
import { Failure, codeOf, isRetryable } from "../errors/index.ts";
import { allOf } from "./all-of.ts";
import { type BackoffOptions, backoff } from "./backoff.ts";
import { checkCount, checkNumber } from "./check.ts";
import { type ResilienceHooks, type RetryOutcome, tell } from "./hooks.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** RetryOptions bounds the attempts of a call. */
export interface RetryOptions extends BackoffOptions {
  /** attempts is how many there are at most, the first included. Default: 3. */
  readonly attempts?: number;
  /** attemptTimeoutMs ends an attempt that takes longer; it may be tried again. Default: none but ctx's deadline. */
  readonly attemptTimeoutMs?: number;
  /** budget bounds the retries of all calls that share it. Default: none. */
  readonly budget?: RetryBudget;
  /** retryable says whether a call that failed so may be made again. Default: isRetryable of millrace/errors. */
  readonly retryable?: (err: unknown) => boolean;
  /** hooks are told how the call ended, and after how many attempts. Default: none. */
  readonly hooks?: ResilienceHooks | undefined;
}

/**
 * retry makes a call until it succeeds, at most `attempts` times. It waits in between: a random time that grows (see
 * backoff), or what the error asks for in `retryAfterMs` if that is longer. It gives up early when the error is not
 * retryable, the budget is used up, ctx has ended, or would have by the end of the wait.
 *
 * It throws what the only attempt threw; after several, a Failure with the code, reason and retryability of the last
 * error and all errors as its cause, the last one first.
 */
export async function retry<T>(
  ctx: Ctx,
  options: RetryOptions,
  fn: (ctx: Ctx, attempt: number) => T | PromiseLike<T>,
): Promise<T> {
  const { attempts = 3, attemptTimeoutMs: timeoutMs, budget, retryable = isRetryable, hooks } = options;
  checkCount("retry: attempts", attempts, 1);
  if (timeoutMs !== undefined) checkNumber("retry: attemptTimeoutMs", timeoutMs, 1);
  ctx.throwIfDone();
  budget?.deposit();
  const errs: unknown[] = [];
  for (let attempt = 1; ; attempt++) {
    try {
      const value = await (timeoutMs === undefined ? fn(ctx, attempt) : within(ctx, timeoutMs, attempt, fn));
      if (hooks !== undefined) tellRetried(hooks, attempt, "success");
      return value;
    } catch (err) {
      errs.push(err);
      const waitMs = Math.max(backoff(attempt, options), retryAfterMs(err) ?? 0);
      let outcome: RetryOutcome | undefined;
      if (ctx.err !== undefined) outcome = endOf(ctx.err);
      else if (!retryable(err)) outcome = "not_retryable";
      else if (attempt >= attempts) outcome = "attempts";
      else if (timeLeftMs(ctx) <= waitMs) outcome = "deadline";
      else if (budget?.tryWithdraw() === false) outcome = "budget";
      else outcome = await wait(ctx, waitMs, errs);
      if (outcome === undefined) continue;
      if (hooks !== undefined) tellRetried(hooks, attempt, outcome);
      throw allOf(errs);
    }
  }
}

// What ended the wait, if ctx did; the error is one of the call's.
async function wait(ctx: Ctx, waitMs: number, errs: unknown[]): Promise<RetryOutcome | undefined> {
  try {
    await sleep(ctx, waitMs);
    return undefined;
  } catch (err) {
    errs.push(err);
    return endOf(err);
  }
}

function endOf(err: unknown): RetryOutcome {
  return codeOf(err) === "canceled" ? "canceled" : "deadline";
}

function tellRetried(hooks: ResilienceHooks, attempts: number, outcome: RetryOutcome): void {
  tell(hooks, (hooks) => hooks.retried?.({ attempts, outcome }));
}

async function within<T>(
  ctx: Ctx,
  timeoutMs: number,
  attempt: number,
  fn: (ctx: Ctx, attempt: number) => T | PromiseLike<T>,
): Promise<T> {
  using limited = withTimeout(ctx, timeoutMs);
  try {
    return await fn(limited, attempt);
  } catch (err) {
    if (limited.err === undefined || ctx.err !== undefined) throw err;
    const message = `resilience: attempt ${attempt} took longer than ${timeoutMs} ms`;
    const reason = "resilience/attempt_timeout";
    throw new Failure(message, { code: "deadline_exceeded", reason, retryable: true, cause: err });
  }
}
