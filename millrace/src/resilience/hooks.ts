import type { BreakerState } from "./circuit-breaker.ts";

/**
 * ResilienceHooks are told what the pieces do, for metrics and logs; each piece calls those of its own. A hook must be
 * quick; what it throws is dropped. Without hooks nothing is made for them.
 */
export interface ResilienceHooks {
  /** retried is called when a call of `retry` has ended. */
  retried?(event: RetriedEvent): void;
  /** hedged is called when a call of `hedge` has ended. */
  hedged?(event: HedgedEvent): void;
  /** breakerChanged is called when a breaker's state has changed. */
  breakerChanged?(event: BreakerChangedEvent): void;
  /** refused is called when a piece does not let a call pass. */
  refused?(event: RefusedEvent): void;
  /** waited is called when a call has its turn, whether it waited or not. */
  waited?(event: WaitedEvent): void;
  /** watch is called by whoever makes and drops breakers and limiters itself, as the HTTP client does. */
  watch?(pieces: WatchedPieces): void;
}

/**
 * RetryOutcome is how a call of `retry` ended: with a success; because the error is not "retryable", the "attempts" or the
 * "budget" are used up or the "deadline" comes before the next attempt would; or because its ctx has ended, by a deadline
 * ("deadline", too) or else ("canceled").
 */
export type RetryOutcome = "success" | "not_retryable" | "attempts" | "budget" | "deadline" | "canceled";

/** RetriedEvent is a call of `retry`. */
export interface RetriedEvent {
  /** attempts is how many there were. */
  readonly attempts: number;
  readonly outcome: RetryOutcome;
}

/** HedgedEvent is a call of `hedge`. */
export interface HedgedEvent {
  /** calls is how many were made, 1 if the first was quick enough. */
  readonly calls: number;
  /** won is the number of the one that won, from 1; 0 if none did. */
  readonly won: number;
}

/** BreakerChangedEvent is a change of a breaker's state. */
export interface BreakerChangedEvent {
  /** name is the breaker's. */
  readonly name: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** RefusedEvent is a call that was not made. */
export interface RefusedEvent {
  readonly by: "breaker" | "limiter" | "token_bucket" | "gcra";
  /** name is the piece's. */
  readonly name: string;
}

/** WaitedEvent is a call that has its turn. */
export interface WaitedEvent {
  readonly by: "limiter" | "token_bucket";
  /** name is the piece's. */
  readonly name: string;
  /** waitMs is how long it waited. */
  readonly waitMs: number;
}

/** WatchedPieces are asked whenever somebody wants to know. */
export interface WatchedPieces {
  breakers?(): Iterable<{ readonly state: BreakerState }>;
  limiters?(): Iterable<{ readonly running: number; readonly waiting: number }>;
}

/** tell calls a hook; a broken metric must not break what it measures. @internal */
export function tell(hooks: ResilienceHooks, call: (hooks: ResilienceHooks) => void): void {
  try {
    call(hooks);
  } catch {}
}
