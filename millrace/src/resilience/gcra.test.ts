import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Gcra, type GcraOptions, TokenBucket } from "./index.ts";
import { bubble } from "../test/index.ts";
import { sleep } from "../context/index.ts";

function setup(options: Partial<GcraOptions> = {}): { gcra: Gcra; at: (ms: number) => void } {
  let now = 0;
  const clock = { now: () => now, elapsed: () => now };
  const gcra = new Gcra({ perSecond: 10, burst: 3, clock, ...options });
  return { gcra, at: (ms) => (now = ms) };
}

describe("Gcra", () => {
  test("a burst, and then one after the other", () => {
    const { gcra, at } = setup();
    assert.deepEqual(gcra.take("a"), { ok: true, remaining: 2, retryAfterMs: 0, resetMs: 100 });
    assert.deepEqual(gcra.take("a", 2), { ok: true, remaining: 0, retryAfterMs: 0, resetMs: 300 });
    assert.deepEqual(gcra.take("a"), { ok: false, remaining: 0, retryAfterMs: 100, resetMs: 300 });
    assert.equal(gcra.tryTake("b"), true, "another key is another");
    at(99);
    assert.equal(gcra.tryTake("a"), false);
    at(100);
    assert.equal(gcra.tryTake("a"), true);
    assert.equal(gcra.tryTake("a"), false);
    at(1000);
    assert.deepEqual(gcra.take("a", 4), { ok: false, remaining: 3, retryAfterMs: Infinity, resetMs: 0 });
    assert.equal(gcra.take("a", 3).ok, true);
  });

  test("it allows what a token bucket allows", async () => {
    const call = fc.record({ n: fc.integer({ min: 0, max: 4 }), waitMs: fc.integer({ min: 0, max: 400 }) });
    const property = fc.asyncProperty(fc.array(call), async (calls) => {
      await bubble(async (t) => {
        // One each 128 ms, which is exact in both.
        const gcra = new Gcra({ perSecond: 7.8125, burst: 4 });
        const bucket = new TokenBucket({ perSecond: 7.8125, burst: 4 });
        for (const { n, waitMs } of calls) {
          await sleep(t.ctx, waitMs);
          assert.equal(gcra.tryTake("a", n), bucket.tryTake(n));
        }
      });
    });
    await fc.assert(property, { numRuns: 50 });
  });

  test("no more keys than allowed; the one that was not used for the longest time goes", () => {
    const { gcra } = setup({ maxKeys: 3, burst: 1 });
    for (const key of ["a", "b", "c"]) assert.equal(gcra.tryTake(key), true);
    assert.equal(gcra.tryTake("a"), false);
    assert.equal(gcra.tryTake("d"), true);
    assert.equal(gcra.keys, 3);
    assert.deepEqual(
      ["a", "c", "d"].map((key) => gcra.tryTake(key)),
      [false, false, false],
      "they are remembered",
    );
    assert.equal(gcra.tryTake("b"), true, "it was forgotten");
  });

  test("keys that have their burst again make room, also while there is some", () => {
    const { gcra, at } = setup();
    for (let i = 0; i < 1000; i++) gcra.tryTake(`${i}`);
    assert.equal(gcra.keys, 1000);
    at(1000);
    for (let i = 0; i < 500; i++) gcra.tryTake(`new ${i}`);
    assert.equal(gcra.keys, 500);
  });

  test("a clock that jumps back holds nobody back for longer than a window", () => {
    const { gcra, at } = setup();
    at(1e12);
    gcra.tryTake("a");
    at(0);
    assert.equal(gcra.take("a").retryAfterMs, 100);
    at(100);
    assert.deepEqual([gcra.tryTake("a"), gcra.tryTake("a")], [true, false]);
  });

  for (const options of [{ perSecond: 0 }, { burst: 0 }, { burst: 1.5 }, { maxKeys: 0 }]) {
    test(`${JSON.stringify(options)} is refused`, () => assert.throws(() => setup(options), RangeError));
  }
});
