import type { Ctx } from "../context/index.ts";
import { type Code, codeOf } from "../errors/index.ts";

/** BreakerState is where a breaker stands; "half_open" lets a part of the calls pass to find out. */
export type BreakerState = "closed" | "open" | "half_open";

/** CircuitBreaker is what Breaker and AdaptiveBreaker have in common, for whoever takes either. */
export interface CircuitBreaker {
  /** state is where it stands now. */
  readonly state: BreakerState;
  /** ready says whether a call would pass; of AdaptiveBreaker, whether it more likely would than not. */
  readonly ready: boolean;
  /** do makes a call and counts how it went, or throws Refused with the reason "resilience/breaker_open". */
  do<T>(ctx: Ctx, fn: (ctx: Ctx) => T | PromiseLike<T>): Promise<T>;
}

/** FAILURES is what speaks against the callee and not against the caller or its patience. */
export const FAILURES: ReadonlySet<Code> = new Set([
  "unknown",
  "deadline_exceeded",
  "internal",
  "unavailable",
  "data_loss",
]);

/** isCanceled says whether the caller has changed its mind. A deadline is no such thing: too slow for it is too slow. */
export function isCanceled(ctx: Ctx, err: unknown): boolean {
  return codeOf(err) === "canceled" || (ctx.err !== undefined && codeOf(ctx.err) === "canceled");
}
