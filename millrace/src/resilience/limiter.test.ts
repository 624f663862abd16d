import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sleep, withCancel } from "../context/index.ts";
import { bubble, explore } from "../test/index.ts";
import { Limiter, type Refused } from "./index.ts";

describe("Limiter", () => {
  test("some run, some wait, the rest is refused", async () => {
    await bubble(async (t) => {
      const limiter = new Limiter({ name: "images", concurrency: 2, maxWaiting: 3 });
      const calls = Promise.allSettled(Array.from({ length: 7 }, () => limiter.do(t.ctx, (ctx) => sleep(ctx, 100))));
      await t.settle();
      assert.deepEqual([limiter.running, limiter.waiting], [2, 3]);
      const outcomes = await calls;
      assert.equal(performance.now(), 300);
      const refused = outcomes.flatMap((o) => (o.status === "rejected" ? [o.reason as Refused] : []));
      assert.equal(refused.length, 2);
      assert.deepEqual([refused[0]?.code, refused[0]?.reason], ["resource_exhausted", "resilience/limiter_full"]);
      assert.equal(refused[0]?.message, "resilience: images is full: 2 run and 3 wait");
    });
  });

  test("in every order, with callers who leave, all places come back", async () => {
    await explore(
      async (t) => {
        const limiter = new Limiter({ concurrency: 2, maxWaiting: 2 });
        let running = 0;
        const call = async (i: number): Promise<void> => {
          const ctx = withCancel(t.ctx);
          const leaving = (async () => {
            await sleep(t.ctx, i);
            ctx.cancel();
          })();
          await limiter
            .do(ctx, async (ctx) => {
              assert.ok(++running <= 2);
              await sleep(ctx, 2).finally(() => running--);
            })
            .catch((err: unknown) => {
              if (err instanceof assert.AssertionError) throw err;
            });
          await leaving;
        };
        await Promise.all([1, 2, 3, 4, 5].map(call));
        assert.deepEqual([limiter.running, limiter.waiting], [0, 0]);
      },
      { runs: 300 },
    );
  });
});
