/**
 * retryAfterMs is how long the outermost error in the cause chain that says so (by a number in `retryAfterMs`) asks to
 * wait before the call is made again; undefined if none does.
 */
export function retryAfterMs(err: unknown): number | undefined {
  // A cause chain that loops must not hang the caller.
  for (let e = err, depth = 0; e instanceof Error && depth < 32; e = e.cause, depth++) {
    if ("retryAfterMs" in e && typeof e.retryAfterMs === "number") return Math.max(0, e.retryAfterMs);
  }
  return undefined;
}
