import { type Ctx, withTimeout } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { type Handler, type Middleware, type Req, middleware, problem } from "../http/index.ts";
import { Gcra } from "../resilience/index.ts";
import { type Clock, systemClock } from "../time/index.ts";

/**
 * RateLimitStore keeps the counts of rateLimit somewhere else than in this process, so that several share them. It is
 * GCRA: one number a key, the time at which all that was asked would have been allowed at a steady rate.
 * Source: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export interface RateLimitStore {
  /**
   * take asks for one request of a key, which costs everyMs of the windowMs that a key has at most. It gives the
   * milliseconds that are used up with this request; if they are over windowMs, nothing was taken. It ends with ctx.
   */
  take(ctx: Ctx, key: string, everyMs: number, windowMs: number): number | Promise<number>;
}

/** RateLimitLog is where rateLimit says that its store is gone. */
export interface RateLimitLog {
  warn(ctx: Ctx, message: string, attrs?: Readonly<Record<string, unknown>>): void;
}

/** RateLimitOptions says how much is allowed. */
export interface RateLimitOptions {
  /** requests is how many are allowed in a window, all at once or spread over it. */
  readonly requests: number;
  /** windowMs is the window. Default: 60,000. */
  readonly windowMs?: number;
  /** key says who is counted as one: an address, a user, an API key. Default: the client's address; of an IPv6 address
   * its first 64 bits, of which a single client has 2^64 addresses. */
  readonly key?: (req: Req, ctx: Ctx) => string;
  /** policy names the limit in the headers and in the store's keys. Default: "default". */
  readonly policy?: string;
  /**
   * maxKeys bounds this process's table; when it is full, the key that has not asked for the longest time is forgotten. Default: 100,000.
   */
  readonly maxKeys?: number;
  /** store is shared with other processes. Default: none, each process counts for itself. */
  readonly store?: RateLimitStore;
  /** storeTimeoutMs is how long the store may take. Default: 100. */
  readonly storeTimeoutMs?: number;
  /**
   * storeDown says what happens while the store fails: this process's own count decides ("local"), or all are refused
   * with 503 ("refuse"). After a failure the store is left alone for a second. Default: "local".
   */
  readonly storeDown?: "local" | "refuse";
  /** log is told, at most once a second, that the store is gone. */
  readonly log?: RateLimitLog;
  /** clock is for tests. */
  readonly clock?: Clock;
}

// How long a store that has failed is not asked: its timeout would be added to every request, and its log line too.
const STORE_REST_MS = 1000;

/**
 * rateLimit answers 429 with Retry-After to whoever asks too often, and says in RateLimit what is left: `r` requests
 * now, all of them again in `t` seconds. There is no window that resets: what was used comes back one by one.
 * Source: https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const { requests, windowMs = 60_000, maxKeys = 100_000, storeTimeoutMs = 100, clock = systemClock } = options;
  for (const [name, value] of Object.entries({ requests, windowMs, maxKeys, storeTimeoutMs })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`rateLimit: ${name} must be at least 1, not ${value}`);
  }
  const { policy = "default", key: keyOf = (req: Req): string => networkOf(req.clientIp) } = options;
  if (!/^[\w-]{1,64}$/.test(policy)) {
    throw new TypeError(
      `rateLimit: policy must be 1 to 64 letters, digits, "_" and "-", not ${JSON.stringify(policy)}`,
    );
  }
  const everyMs = windowMs / requests;
  const local = new Gcra({ perSecond: 1000 / everyMs, burst: requests, maxKeys, clock });
  const { store } = options;
  const shared = store === undefined ? undefined : new Shared(store, options, storeTimeoutMs, clock);
  const headers = { "ratelimit-policy": `"${policy}";q=${requests};w=${Math.ceil(windowMs / 1000)}` };
  const stateStart = `"${policy}";r=`;
  const answers = { 429: "Too many requests; see Retry-After." };
  return middleware({ headers, answers }, (next) => {
    const decide = (ctx: Ctx, req: Req, usedMs: number): ReturnType<Handler> => {
      if (usedMs > windowMs + 0.001) {
        const seconds = Math.max(1, Math.ceil((usedMs - windowMs) / 1000));
        req.setHeader("ratelimit", `${stateStart}0;t=${seconds}`);
        return problem(req, limited(policy)).header("retry-after", String(seconds));
      }
      // A rounding error of a thousandth must not take the last request of a window.
      const remaining = Math.floor((windowMs - usedMs + 0.001) / everyMs);
      req.setHeader("ratelimit", `${stateStart}${remaining};t=${Math.ceil(usedMs / 1000)}`);
      return next(ctx, req);
    };
    return (ctx, req) => {
      const key = keyOf(req, ctx);
      if (shared === undefined || shared.isResting()) {
        shared?.refuse();
        return decide(ctx, req, local.spend(key, 1));
      }
      return shared
        .take(ctx, `${policy}:${key}`, everyMs, windowMs)
        .then((usedMs) => decide(ctx, req, usedMs ?? local.spend(key, 1)));
    };
  });
}

/** Shared asks the store and knows when to leave it alone. */
class Shared {
  readonly #store: RateLimitStore;
  readonly #options: RateLimitOptions;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  #restsUntil = -Infinity;

  constructor(store: RateLimitStore, options: RateLimitOptions, timeoutMs: number, clock: Clock) {
    this.#store = store;
    this.#options = options;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  isResting(): boolean {
    return this.#clock.elapsed() < this.#restsUntil;
  }

  /** refuse throws if nobody may pass while the store is down. */
  refuse(cause?: unknown): void {
    if (this.#options.storeDown !== "refuse") return;
    throw new Failure("http: rate limit: the store is down", {
      code: "unavailable",
      reason: "http/rate_limit_unavailable",
      cause,
    });
  }

  /** take is what the store says, undefined when it says nothing and this process is to decide. */
  async take(ctx: Ctx, key: string, everyMs: number, windowMs: number): Promise<number | undefined> {
    using bounded = withTimeout(ctx, this.#timeoutMs);
    try {
      return await this.#store.take(bounded, key, everyMs, windowMs);
    } catch (err) {
      // A client that has gone says nothing of the store.
      ctx.throwIfDone();
      if (!this.isResting()) {
        this.#restsUntil = this.#clock.elapsed() + STORE_REST_MS;
        this.#options.log?.warn(ctx, "http: rate limit: the store has failed, and is asked again in a second", { err });
      }
      this.refuse(err);
      return undefined;
    }
  }
}

// The first four of eight groups; "::" stands for as many zeros as are missing.
function networkOf(ip: string): string {
  if (!ip.includes(":") || ip.includes(".")) return ip;
  const [head = "", tail] = ip.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    while (groups.length + after.length < 8) groups.push("0");
    groups.push(...after);
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
}

function limited(policy: string): Failure {
  return new Failure(`http: rate limit ${policy} is used up`, {
    code: "resource_exhausted",
    reason: "http/rate_limited",
    detail: "Too many requests; see Retry-After.",
  });
}
