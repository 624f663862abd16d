import assert from "node:assert/strict";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { printNanoseconds } from "../../lib/kernel.ts";
import { KEYS } from "../kernels.ts";

const proven = new RateLimiterMemory({ points: 2, duration: 60 });
const takes = ["a", "a", "a", "b"].map((key) =>
  proven.consume(key).then(
    () => true,
    () => false,
  ),
);
assert.deepEqual(await Promise.all(takes), [true, true, false, true]);

const COUNT = 500_000;
const limiter = new RateLimiterMemory({ points: 1e9, duration: 600 });
await printNanoseconds({ count: COUNT }, async () => {
  for (let i = 0; i < COUNT; i++) await limiter.consume(KEYS[i & 16_383]!);
});
process.exit();
