import { type Code, Failure } from "../errors/index.ts";

/**
 * Refused is a call that was not made: its breaker is open ("resilience/breaker_open"), its limiter's queue is full
 * ("resilience/limiter_full") or its deadline ends before its turn ("resilience/too_late").
 */
export class Refused extends Failure {
  /** retryAfterMs is how long it makes no sense to ask again, undefined if nobody knows. */
  readonly retryAfterMs: number | undefined;

  /** @internal */
  constructor(
    reason: "breaker_open" | "limiter_full" | "too_late",
    code: Code,
    message: string,
    retryAfterMs?: number,
  ) {
    super(`resilience: ${message}`, { code, reason: `resilience/${reason}` });
    this.retryAfterMs = retryAfterMs;
  }

  static {
    this.prototype.name = "Refused";
  }
}
