import {
  type BreakerOptions,
  type CircuitBreaker,
  type ResilienceHooks,
  RetryBudget,
  type RetryOptions,
  type TokenBucket,
} from "../../resilience/index.ts";
import type { ClientHooks } from "./hooks.ts";
import type { Resolver } from "./resolver.ts";
import type { ClientTls } from "./transport.ts";

/** ClientRetryOptions are those of retry; what may be sent again the client knows. */
export type ClientRetryOptions = Omit<RetryOptions, "retryable" | "hooks">;

/** NewBreaker makes the breaker of an upstream; name and hooks are for its options. */
export type NewBreaker = (own: {
  readonly name: string;
  readonly hooks: ResilienceHooks | undefined;
}) => CircuitBreaker;

/** ClientHedgeOptions says when a request is sent a second time, beside the first, and how often at most. */
export type ClientHedgeOptions = (
  | {
      /** delayMs is how long a request may take before it is sent again. */
      readonly delayMs: number;
    }
  | {
      /** percentile takes that from the last 256 requests: 0.95 sends the slowest twentieth again. */
      readonly percentile: number;
    }
) & {
  /** max is how often it is sent in all. Default: 2. */
  readonly max?: number;
};

/** ClientOptions says whom a client calls, and how much it puts up with. */
export interface ClientOptions {
  /** baseUrl is the one upstream, "https://api.example.com/v1"; its path is put before every path. */
  readonly baseUrl?: string;
  /** resolver finds several upstreams, in place of baseUrl. It is asked again every 30 s, in the background. */
  readonly resolver?: Resolver;
  /** timeoutMs bounds a whole call: waits, retries and the answer's body. Default: 30,000. */
  readonly timeoutMs?: number;
  /** retry says how often. Default: 3 attempts with a budget of 10 % of the calls and one a second; false: never. */
  readonly retry?: ClientRetryOptions | false;
  /**
   * breaker is one for each upstream: Breaker's options, or a function that makes another,
   * `(own) => new AdaptiveBreaker(own)`. Default: as Breaker's; false: none.
   */
  readonly breaker?: Omit<BreakerOptions, "hooks"> | NewBreaker | false;
  /** hedge sends a slow request that may be repeated a second time; it takes from the retry budget. Default: never. */
  readonly hedge?: ClientHedgeOptions;
  /** limit bounds how often requests are sent; retries and hedges count. Default: none. */
  readonly limit?: TokenBucket;
  /** maxConnections is how many connections are open to each upstream, and so the requests in flight. Default: 64. */
  readonly maxConnections?: number;
  /** maxWaiting is how many requests wait for a connection to an upstream; a further one is refused. Default: 1,024. */
  readonly maxWaiting?: number;
  /** connectTimeoutMs bounds the making of a connection. Default: 5,000. */
  readonly connectTimeoutMs?: number;
  /** maxBytes bounds the bodies that are read as a whole. Default: 10 MiB. */
  readonly maxBytes?: number;
  /** userAgent is sent with every request. Default: "millrace". */
  readonly userAgent?: string;
  /** headers are sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** hooks are told of every request that is sent. Default: none, which costs nothing. */
  readonly hooks?: ClientHooks;
  /**
   * resilience is told of retries, hedges, breakers and waits for a connection: `new ResilienceMetrics(registry, "billing")`.
   * Default: none, which costs nothing.
   */
  readonly resilience?: ResilienceHooks;
  /** tls is for upstreams with certificates of their own. */
  readonly tls?: ClientTls;
}

/** Settings are the options with their defaults. */
export interface Settings {
  readonly prefix: string;
  readonly resolver: Resolver;
  readonly timeoutMs: number;
  readonly retry: RetryOptions & { readonly budget: RetryBudget };
  readonly hedge: ClientHedgeOptions | undefined;
  readonly limit: TokenBucket | undefined;
  readonly maxBytes: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly upstream: {
    readonly breaker: Omit<BreakerOptions, "hooks"> | NewBreaker | false;
    readonly maxConnections: number;
    readonly maxWaiting: number;
    readonly connectTimeoutMs: number;
    readonly tls: ClientTls | undefined;
    readonly hooks: ClientHooks | undefined;
    readonly resilience: ResilienceHooks | undefined;
  };
}

/** settingsOf fills in the defaults; a bad option throws a TypeError or RangeError that names it. */
export function settingsOf(options: ClientOptions): Settings {
  const { timeoutMs = 30_000, maxConnections = 64, maxWaiting = 1024, connectTimeoutMs = 5000 } = options;
  const { maxBytes = 10 * 1024 * 1024, userAgent = "millrace", retry = {} } = options;
  for (const [name, value] of Object.entries({ timeoutMs, maxConnections, connectTimeoutMs, maxBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`http: client: ${name} must be a whole number of at least 1, not ${value}`);
    }
  }
  return {
    ...whereOf(options),
    timeoutMs,
    // A client without retries still has a budget, for its hedges.
    retry: { budget: new RetryBudget(), ...(retry === false ? { attempts: 1 } : retry), hooks: options.resilience },
    hedge: options.hedge,
    limit: options.limit,
    maxBytes,
    headers: lowerCase({ "user-agent": userAgent, ...options.headers }),
    upstream: {
      breaker: options.breaker ?? {},
      maxConnections,
      maxWaiting,
      connectTimeoutMs,
      tls: options.tls,
      hooks: options.hooks,
      resilience: options.resilience,
    },
  };
}

function whereOf({ baseUrl, resolver }: ClientOptions): { prefix: string; resolver: Resolver } {
  if (resolver !== undefined && baseUrl === undefined) return { prefix: "", resolver };
  if (baseUrl === undefined || resolver !== undefined) {
    throw new TypeError("http: client: there must be a baseUrl or a resolver, and not both");
  }
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search + url.hash + url.username !== "") {
    throw new TypeError(`http: client: baseUrl must be "http(s)://host/path", without user, query and fragment`);
  }
  return { prefix: url.pathname.replace(/\/+$/, ""), resolver: () => [url.origin] };
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
