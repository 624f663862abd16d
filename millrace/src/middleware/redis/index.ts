export { type RedisClient, redisRateLimit } from "./rate-limit.ts";
