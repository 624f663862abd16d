export { type AccessLogOptions, accessLog } from "./access-log.ts";
export { type Verify, bearer } from "./bearer.ts";
export { bodyLimit } from "./body-limit.ts";
export { type ClientIpOptions, clientIp } from "./client-ip.ts";
export { type CorsOptions, cors } from "./cors.ts";
export { type RateLimitOptions, rateLimit } from "./rate-limit.ts";
export { type RequestIdOptions, requestId } from "./request-id.ts";
export { securityHeaders } from "./security-headers.ts";
export { timeout } from "./timeout.ts";
