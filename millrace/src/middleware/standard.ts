import type { Middleware } from "../http/index.ts";
import type { Registry } from "../metrics/index.ts";
import { type AccessLogOptions, accessLog } from "./access-log.ts";
import { bodyLimit } from "./body-limit.ts";
import { type ClientIpOptions, clientIp } from "./client-ip.ts";
import { compress } from "./compress.ts";
import { type CorsOptions, cors } from "./cors.ts";
import { type CsrfOptions, csrf } from "./csrf.ts";
import { deadline } from "./deadline.ts";
import { etag } from "./etag.ts";
import { type InFlightLimitOptions, inFlightLimit } from "./in-flight-limit.ts";
import { type MemoryLimitOptions, memoryLimit } from "./memory-limit.ts";
import { metrics } from "./metrics.ts";
import { type RateLimitOptions, rateLimit } from "./rate-limit.ts";
import { requestId } from "./request-id.ts";
import { securityHeaders } from "./security-headers.ts";
import { timeout } from "./timeout.ts";
import { traceContext } from "./trace-context.ts";
import { type TracingOptions, tracing } from "./tracing.ts";

/** StandardDeps is what the recommended stack cannot know by itself. */
export interface StandardDeps {
  /** tracing records spans. Default: none; requests are part of a trace all the same. */
  readonly tracing?: TracingOptions;
  /** clientIp says which proxies are believed. Default: none, the peer is the client. */
  readonly clientIp?: ClientIpOptions;
  /** accessLog says where the access log goes. Default: the standard output. */
  readonly accessLog?: AccessLogOptions;
  /** metrics is where requests are counted and timed. Default: nowhere. */
  readonly metrics?: Registry;
  /** securityHeaders are changes to the headers of a locked-down API. */
  readonly securityHeaders?: Readonly<Record<string, string | false>>;
  /** cors lets scripts of other origins read answers. Default: none may. */
  readonly cors?: CorsOptions;
  /** csrf says which other sites may send requests. Default: none but those that cors lists. */
  readonly csrf?: CsrfOptions;
  /** timeoutMs is how long a request may take. Default: 15,000. */
  readonly timeoutMs?: number;
  /** memoryLimit sheds requests while too little memory is left: `{}` with its defaults. Default: none is shed. */
  readonly memoryLimit?: MemoryLimitOptions;
  /** rateLimit limits each client. Default: no limit, since what is fair only the service knows. */
  readonly rateLimit?: RateLimitOptions;
  /** inFlightLimit bounds what is done at once. Default: no bound but the server's connections. */
  readonly inFlightLimit?: InFlightLimitOptions;
  /** bodyLimitBytes is the longest body that is read. Default: 1 MiB. */
  readonly bodyLimitBytes?: number;
}

/**
 * standard is the recommended stack in its order, for `router.use(...standard({ … }))`. What names the request comes
 * first and what writes it down next, so that everything after it is written down; then what every answer carries,
 * refusals too; then what refuses, cheapest first; last what works on the answer. bearer and idempotencyKey belong to
 * routes. The reference says why of each: docs/reference/middleware.md.
 */
export function standard(deps: StandardDeps = {}): Middleware[] {
  const csrfOptions = deps.csrf ?? { origins: (deps.cors?.origins ?? []).filter((origin) => origin !== "*") };
  return [
    requestId(),
    traceContext(),
    ...(deps.tracing === undefined ? [] : [tracing(deps.tracing)]),
    ...(deps.clientIp === undefined ? [] : [clientIp(deps.clientIp)]),
    accessLog(deps.accessLog),
    ...(deps.metrics === undefined ? [] : [metrics(deps.metrics)]),
    securityHeaders(deps.securityHeaders),
    ...(deps.cors === undefined ? [] : [cors(deps.cors)]),
    csrf(csrfOptions),
    timeout(deps.timeoutMs ?? 15_000),
    deadline(),
    ...(deps.memoryLimit === undefined ? [] : [memoryLimit(deps.memoryLimit)]),
    ...(deps.rateLimit === undefined ? [] : [rateLimit(deps.rateLimit)]),
    ...(deps.inFlightLimit === undefined ? [] : [inFlightLimit(deps.inFlightLimit)]),
    bodyLimit(deps.bodyLimitBytes ?? 1024 * 1024),
    compress(),
    etag(),
  ];
}
