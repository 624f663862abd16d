export { type BackoffOptions, backoff } from "./backoff.ts";
export { type RetryOptions, retry } from "./retry.ts";
export { RetryBudget, type RetryBudgetOptions } from "./retry-budget.ts";
export { retryAfterMs } from "./retry-after.ts";
export type { BreakerState, CircuitBreaker } from "./circuit-breaker.ts";
export { Breaker, type BreakerOptions } from "./breaker.ts";
export { AdaptiveBreaker, type AdaptiveBreakerOptions } from "./adaptive-breaker.ts";
export { type HedgeOptions, hedge } from "./hedge.ts";
export { Latencies } from "./latencies.ts";
export { Limiter, type LimiterOptions } from "./limiter.ts";
export { type Reservation, TokenBucket, type TokenBucketOptions } from "./token-bucket.ts";
export { Gcra, type GcraOptions, type Grant } from "./gcra.ts";
export { Refused } from "./refused.ts";
export type {
  BreakerChangedEvent,
  HedgedEvent,
  RefusedEvent,
  ResilienceHooks,
  RetriedEvent,
  RetryOutcome,
  WaitedEvent,
  WatchedPieces,
} from "./hooks.ts";
