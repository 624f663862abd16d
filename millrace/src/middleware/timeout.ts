import { type Middleware, middleware } from "../http/index.ts";

/**
 * timeout ends a request that has not been answered within a number of milliseconds of its start: its context ends with
 * DeadlineExceeded and the client gets 504 at once, whatever the handler does. A stream is cut. The innermost timeout
 * of a route counts, in place of the server's own; 0 takes the deadline away, for a stream without an end.
 */
export function timeout(ms: number): Middleware {
  if (!Number.isSafeInteger(ms) || ms < 0) throw new RangeError(`timeout: milliseconds must be at least 0, not ${ms}`);
  return middleware({ deadlineMs: ms });
}
