import { Failure, sentinel } from "../errors/index.ts";
import { formatDuration } from "../time/index.ts";

/** TIMED_OUT is what a caller in the queue is told when its time is over. @internal */
export const TIMED_OUT: Failure = sentinel("sql/pool_timeout", "resource_exhausted", "timed out");

/** poolTimeout is what that caller's own caller gets. @internal */
export function poolTimeout(waitedMs: number, holders: string): Failure {
  const after = formatDuration(Math.round(waitedMs));
  return new Failure(`sql: no connection within ${after}: ${holders}`, {
    code: TIMED_OUT.code,
    reason: TIMED_OUT.reason,
    retryable: true,
  });
}

/** poolOverloaded is what a caller gets who finds the queue full. @internal */
export function poolOverloaded(holders: string): Failure {
  return new Failure(`sql: too many callers wait for a connection: ${holders}`, {
    code: "resource_exhausted",
    reason: "sql/pool_overloaded",
    retryable: true,
  });
}

/** poolClosed is what callers of a closed pool get. @internal */
export function poolClosed(): Failure {
  return new Failure("sql: the pool is closed", { code: "unavailable", reason: "sql/pool_closed", retryable: false });
}
