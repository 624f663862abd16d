export { type AccessLogOptions, accessLog } from "./access-log.ts";
export { baggageContext } from "./baggage-context.ts";
export { type Verify, bearer } from "./bearer.ts";
export { bodyLimit } from "./body-limit.ts";
export { type ClientIpOptions, clientIp } from "./client-ip.ts";
export { type CompressOptions, compress } from "./compress.ts";
export { type CorsOptions, cors } from "./cors.ts";
export { type CsrfOptions, csrf } from "./csrf.ts";
export { deadline } from "./deadline.ts";
export { type EtagOptions, etag } from "./etag.ts";
export {
  type IdempotencyClaim,
  type IdempotencyKeyOptions,
  type IdempotencyStore,
  type StoredAnswer,
  idempotencyKey,
} from "./idempotency-key.ts";
export { type IdempotencyMemoryOptions, idempotencyMemory } from "./idempotency-memory.ts";
export { type InFlightLimitOptions, inFlightLimit } from "./in-flight-limit.ts";
export { type MemoryLimitOptions, memoryLimit } from "./memory-limit.ts";
export { metrics } from "./metrics.ts";
export { type RateLimitLog, type RateLimitOptions, type RateLimitStore, rateLimit } from "./rate-limit.ts";
export { type RequestIdOptions, requestId } from "./request-id.ts";
export { requireBearer } from "./require-bearer.ts";
export { securityHeaders } from "./security-headers.ts";
export { type StandardDeps, standard } from "./standard.ts";
export { traceContext } from "./trace-context.ts";
export { type TracingOptions, tracing } from "./tracing.ts";
export { timeout } from "./timeout.ts";
