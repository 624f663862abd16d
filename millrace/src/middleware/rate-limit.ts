import { Failure } from "../errors/index.ts";
import { type Middleware, type Req, middleware, problem } from "../http/index.ts";
import { type Clock, systemClock } from "../time/index.ts";

/** RateLimitOptions says how much is allowed. */
export interface RateLimitOptions {
  /** requests is how many are allowed in a window, all at once or spread over it. */
  readonly requests: number;
  /** windowMs is the window. Default: 60,000. */
  readonly windowMs?: number;
  /** key says who is counted as one. Default: the client's address. */
  readonly key?: (req: Req) => string;
  /** maxKeys bounds the table; when it is full, the key that came longest ago is forgotten. Default: 100,000. */
  readonly maxKeys?: number;
  /** clock is for tests. */
  readonly clock?: Clock;
}

/**
 * rateLimit answers 429 with Retry-After to whoever asks too often, counted in this process alone. It is GCRA: one
 * number a key, the time at which all that was asked would have been allowed at a steady rate; no window that resets.
 * Source: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const { requests, windowMs = 60_000, maxKeys = 100_000, clock = systemClock } = options;
  for (const [name, value] of Object.entries({ requests, windowMs, maxKeys })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`rateLimit: ${name} must be at least 1, not ${value}`);
  }
  const keyOf = options.key ?? ((req: Req): string => req.clientIp);
  const everyMs = windowMs / requests;
  const table = new Map<string, { allowedAt: number }>();
  const headers = { "ratelimit-policy": `"default";q=${requests};w=${Math.ceil(windowMs / 1000)}` };
  const answers = { 429: "Too many requests; see Retry-After." };
  return middleware({ headers, answers }, (next) => (ctx, req) => {
    const now = clock.elapsed();
    const key = keyOf(req);
    const entry = table.get(key);
    if (entry === undefined) {
      if (table.size >= maxKeys) forgetOldest(table);
      table.set(key, { allowedAt: now + everyMs });
      return next(ctx, req);
    }
    const ahead = Math.max(entry.allowedAt, now) - now + everyMs;
    // A rounding error of a thousandth must not refuse the last request of a window.
    if (ahead > windowMs + 0.001) {
      const seconds = Math.max(1, Math.ceil((ahead - windowMs) / 1000));
      return problem(req, limited(key)).header("retry-after", String(seconds));
    }
    entry.allowedAt = now + ahead;
    return next(ctx, req);
  });
}

function limited(key: string): Failure {
  return new Failure(`http: rate limit of ${key} is used up`, {
    code: "resource_exhausted",
    reason: "http/rate_limited",
    detail: "Too many requests; see Retry-After.",
  });
}

// A Map keeps the order in which keys came.
function forgetOldest(table: Map<string, unknown>): void {
  const oldest = table.keys().next();
  if (oldest.done !== true) table.delete(oldest.value);
}
