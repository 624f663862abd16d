import assert from "node:assert/strict";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { printNanoseconds } from "../../lib/kernel.ts";

const COUNT = 200_000;
const limiter = new RateLimiterMemory({ points: 10, duration: 1000 });
let next = 0;
await printNanoseconds({ count: COUNT }, async () => {
  for (let i = 0; i < COUNT; i++) await limiter.consume(`client-${next++}`);
});
assert.equal((await limiter.get("client-0"))?.consumedPoints, 1);
process.exit();
