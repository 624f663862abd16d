import { createHash } from "node:crypto";
import type { Ctx } from "../../context/index.ts";
import { orDone } from "../../context/or-done.ts";
import type { RateLimitStore } from "../index.ts";

/**
 * RedisClient is what is needed of a Redis client: the one of the package `redis` as it is, and ioredis as `{
 * sendCommand: ([name, ...args]) => io.call(name, ...args) }`. Give it a bound of its own on what it queues while it is
 * not connected (`disableOfflineQueue: true`), so that nothing grows.
 */
export interface RedisClient {
  sendCommand(args: string[]): Promise<unknown>;
}

// GCRA in microseconds, which a double holds exactly, on the server's clock: those of the processes differ. A key lives
// as long as something of it is used up. Redis replicates what the script does, not the script, so TIME is allowed.
const SCRIPT = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local used = math.max((tonumber(redis.call('GET', KEYS[1])) or 0) - now, 0) + tonumber(ARGV[1])
if used <= tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], string.format('%.0f', now + used), 'PX', math.ceil(used / 1000))
end
return string.format('%.0f', used)
`;
const SHA = createHash("sha1").update(SCRIPT).digest("hex");

/**
 * redisRateLimit keeps the counts of rateLimit in Redis 5 or later, under "ratelimit:POLICY:KEY": one script a request,
 * one round trip, and a second one when Redis does not know the script yet. A call that has been sent cannot be taken
 * back: when ctx ends first, the request may have been counted.
 */
export function redisRateLimit(client: RedisClient): RateLimitStore {
  return {
    async take(ctx: Ctx, key: string, everyMs: number, windowMs: number): Promise<number> {
      const rest = [
        "1",
        `ratelimit:${key}`,
        String(Math.round(everyMs * 1000)),
        String(Math.round(windowMs * 1000) + 1),
      ];
      return Number(await orDone(ctx, run(client, rest))) / 1000;
    },
  };
}

async function run(client: RedisClient, rest: string[]): Promise<unknown> {
  try {
    return await client.sendCommand(["EVALSHA", SHA, ...rest]);
  } catch (err) {
    if (!String(err).includes("NOSCRIPT")) throw err;
    return client.sendCommand(["EVAL", SCRIPT, ...rest]);
  }
}
