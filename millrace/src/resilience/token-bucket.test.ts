import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sleep, withCancel, withTimeout } from "../context/index.ts";
import { codeOf } from "../errors/index.ts";
import { bubble, explore } from "../test/index.ts";
import { TokenBucket } from "./index.ts";

describe("TokenBucket", () => {
  // As Go's TestLimiterBurst1 and its like: at a time, take n, and whether that works; 10 a second.
  const cases: readonly {
    name: string;
    burst: number;
    takes: readonly (readonly [atMs: number, n: number, ok: boolean])[];
  }[] = [
    {
      name: "a burst of 1",
      burst: 1,
      takes: [
        [0, 1, true],
        [0, 1, false],
        [100, 1, true],
        [100, 1, false],
        [200, 1, true],
      ],
    },
    {
      name: "a burst of 3",
      burst: 3,
      takes: [
        [0, 1, true],
        [0, 1, true],
        [0, 1, true],
        [0, 1, false],
        [100, 1, true],
        [100, 1, false],
        [1000, 3, true],
        [1000, 1, false],
      ],
    },
    {
      name: "several at once",
      burst: 3,
      takes: [
        [0, 4, false],
        [0, 2, true],
        [0, 2, false],
        [100, 2, true],
        [1000, 3, true],
      ],
    },
    {
      name: "none is always there",
      burst: 1,
      takes: [
        [0, 1, true],
        [0, 0, true],
      ],
    },
  ];
  for (const { name, burst, takes } of cases) {
    test(name, async () => {
      await bubble(async (t) => {
        const bucket = new TokenBucket({ perSecond: 10, burst });
        for (const [at, n, ok] of takes) {
          await sleep(t.ctx, at - performance.now());
          assert.equal(bucket.tryTake(n), ok, `${n} at ${at} ms`);
        }
      });
    });
  }

  test("who waits comes in turn, at the rate", async () => {
    await bubble(async (t) => {
      const bucket = new TokenBucket({ perSecond: 10, burst: 2 });
      const at = await Promise.all(
        Array.from({ length: 6 }, async () => {
          await bucket.wait(t.ctx);
          return performance.now();
        }),
      );
      assert.deepEqual(at, [0, 0, 100, 200, 300, 400]);
    });
  });

  test("who cannot come in time is told at once, and takes nothing", async () => {
    await bubble(async (t) => {
      const bucket = new TokenBucket({ perSecond: 1, burst: 1 });
      assert.ok(bucket.tryTake());
      using ctx = withTimeout(t.ctx, 900);
      await assert.rejects(bucket.wait(ctx), { code: "deadline_exceeded", reason: "resilience/too_late" });
      assert.equal(performance.now(), 0);
      assert.equal(bucket.tokens, 0);
    });
  });

  test("a cancel gives the tokens back", async () => {
    await bubble(async (t) => {
      const bucket = new TokenBucket({ perSecond: 10, burst: 10 });
      assert.ok(bucket.tryTake(10));
      const ctx = withCancel(t.ctx);
      const waiting = bucket.wait(ctx, 5);
      await sleep(t.ctx, 100);
      ctx.cancel();
      await assert.rejects(waiting, (err) => codeOf(err) === "canceled");
      assert.equal(bucket.tokens, 1);
    });
  });

  test("a claim: what is reserved behind it is not given back, and nothing twice", async () => {
    await bubble(async (t) => {
      const bucket = new TokenBucket({ perSecond: 10, burst: 10 });
      bucket.tryTake(10);
      const first = bucket.reserve(4);
      const second = bucket.reserve(3);
      assert.deepEqual([first.delayMs, second.delayMs], [400, 700]);
      first.cancel();
      first.cancel();
      assert.equal(bucket.tokens, -6, "1 of 4: the second has counted on the others");
      second.cancel();
      assert.equal(bucket.tokens, -3);
      await sleep(t.ctx, 10_000);
      assert.equal(bucket.tokens, 10);
      const used = bucket.reserve(1);
      used.cancel();
      assert.equal(bucket.tokens, 9, "it could be used at once");
    });
  });

  test("in every order, with callers who leave, nobody is quicker than the rate", async () => {
    await explore(
      async (t) => {
        const bucket = new TokenBucket({ perSecond: 1000, burst: 2 });
        const at: number[] = [];
        const call = async (i: number): Promise<void> => {
          const ctx = withCancel(t.ctx);
          const leaving = (async () => {
            await sleep(t.ctx, i);
            if (i % 2 === 1) ctx.cancel();
          })();
          await bucket
            .wait(ctx)
            .then(() => at.push(performance.now()))
            .catch(() => undefined);
          await leaving;
        };
        await Promise.all([1, 2, 3, 4, 5, 6].map(call));
        at.forEach((ms, i) => assert.ok(i < 2 || ms >= i - 1, at.join()));
        await sleep(t.ctx, 100);
        assert.equal(bucket.tokens, 2, "all come back");
      },
      { runs: 300 },
    );
  });

  test("what makes no sense is refused", () => {
    assert.throws(() => new TokenBucket({ perSecond: 0, burst: 1 }), RangeError);
    assert.throws(() => new TokenBucket({ perSecond: 1, burst: 0 }), RangeError);
    assert.throws(() => new TokenBucket({ perSecond: 1, burst: 1 }).reserve(2), RangeError);
    assert.throws(() => new TokenBucket({ perSecond: 1, burst: 1 }).tryTake(-1), RangeError);
  });
});
