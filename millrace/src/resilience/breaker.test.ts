import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ctx, sleep, withCancel } from "../context/index.ts";
import { type Code, Failure } from "../errors/index.ts";
import { bubble, explore } from "../test/index.ts";
import { Breaker, Refused } from "./index.ts";

const fail = (code: Code) => (): never => {
  throw new Failure("no", { code });
};

async function times(n: number, breaker: Breaker, ctx: Ctx, fn: (ctx: Ctx) => unknown): Promise<void> {
  for (let i = 0; i < n; i++) await breaker.do(ctx, fn).catch(() => undefined);
}

describe("Breaker", () => {
  const cases: readonly { name: string; calls: (b: Breaker, ctx: Ctx) => Promise<void>; want: string }[] = [
    { name: "few failures do not open it", calls: (b, ctx) => times(19, b, ctx, fail("unavailable")), want: "closed" },
    { name: "20 do", calls: (b, ctx) => times(20, b, ctx, fail("unavailable")), want: "open" },
    { name: "so do timeouts", calls: (b, ctx) => times(20, b, ctx, fail("deadline_exceeded")), want: "open" },
    {
      name: "what the caller did wrong does not",
      calls: (b, ctx) => times(99, b, ctx, fail("not_found")),
      want: "closed",
    },
    {
      name: "nor does too much of it",
      calls: (b, ctx) => times(99, b, ctx, fail("resource_exhausted")),
      want: "closed",
    },
    { name: "nor do cancels", calls: (b, ctx) => times(99, b, ctx, fail("canceled")), want: "closed" },
    {
      name: "a context that was canceled is no failure, whatever is thrown",
      calls: async (b, ctx) => {
        for (let i = 0; i < 99; i++) {
          const leaving = withCancel(ctx);
          await b
            .do(leaving, () => {
              leaving.cancel();
              throw new Error("aborted");
            })
            .catch(() => undefined);
        }
      },
      want: "closed",
    },
    {
      name: "below the rate it stays closed",
      calls: async (b, ctx) => {
        for (let i = 0; i < 40; i++) {
          await times(1, b, ctx, () => undefined);
          await times(1, b, ctx, () => undefined);
          await times(1, b, ctx, fail("internal"));
        }
      },
      want: "closed",
    },
    {
      name: "failures that are long ago are forgotten",
      calls: async (b, ctx) => {
        for (let i = 0; i < 100; i++) {
          await times(1, b, ctx, fail("unavailable"));
          await sleep(ctx, 1000);
        }
      },
      want: "closed",
    },
    { name: "slow calls open it", calls: (b, ctx) => times(20, b, ctx, (ctx) => sleep(ctx, 300)), want: "open" },
    {
      name: "calls that are not slow do not",
      calls: (b, ctx) => times(20, b, ctx, (ctx) => sleep(ctx, 100)),
      want: "closed",
    },
  ];
  for (const { name, calls, want } of cases) {
    test(name, async () => {
      await bubble(async (t) => {
        const breaker = new Breaker({ slowMs: 200, openMs: 1_000_000 });
        await calls(breaker, t.ctx);
        assert.equal(breaker.state, want);
      });
    });
  }

  test("open, it refuses; then a few find out", async () => {
    await bubble(async (t) => {
      const breaker = new Breaker({ name: "billing", probes: 3 });
      await times(20, breaker, t.ctx, fail("unavailable"));
      await sleep(t.ctx, 1000);
      await assert.rejects(
        breaker.do(t.ctx, () => assert.fail()),
        (err: Refused) => {
          assert.ok(err instanceof Refused);
          assert.deepEqual([err.code, err.reason, err.retryAfterMs], ["unavailable", "resilience/breaker_open", 4000]);
          assert.equal(err.message, "resilience: billing is open: for another 4000 ms");
          return true;
        },
      );
      await sleep(t.ctx, 4000);
      assert.equal(breaker.state, "half_open");
      let calls = 0;
      const probe = (): Promise<unknown> =>
        breaker.do(t.ctx, async (ctx) => {
          calls++;
          await sleep(ctx, 10);
        });
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, probe));
      assert.deepEqual([calls, outcomes.filter((o) => o.status === "rejected").length], [3, 7]);
      assert.equal(breaker.state, "closed");
    });
  });

  test("those that have passed count, too", async () => {
    await bubble(async (t) => {
      const breaker = new Breaker({ probes: 3 });
      await times(20, breaker, t.ctx, fail("unavailable"));
      await sleep(t.ctx, 5000);
      await times(1, breaker, t.ctx, () => undefined);
      const more = Array.from({ length: 5 }, () => breaker.do(t.ctx, (ctx) => sleep(ctx, 10)));
      const outcomes = await Promise.allSettled(more);
      assert.equal(outcomes.filter((one) => one.status === "fulfilled").length, 2);
    });
  });

  test("a probe that fails opens it again", async () => {
    await bubble(async (t) => {
      const breaker = new Breaker({ probes: 3 });
      await times(20, breaker, t.ctx, fail("unavailable"));
      await sleep(t.ctx, 5000);
      await times(1, breaker, t.ctx, () => undefined);
      await times(1, breaker, t.ctx, fail("unavailable"));
      assert.equal(breaker.state, "open");
    });
  });

  test("a probe that its caller cancels makes room for another", async () => {
    await bubble(async (t) => {
      const breaker = new Breaker({ probes: 1 });
      await times(20, breaker, t.ctx, fail("unavailable"));
      await sleep(t.ctx, 5000);
      await times(5, breaker, t.ctx, fail("canceled"));
      assert.deepEqual([breaker.state, breaker.ready], ["half_open", true]);
      await times(1, breaker, t.ctx, () => undefined);
      assert.equal(breaker.state, "closed");
    });
  });

  test("what began before has no say", async () => {
    await bubble(async (t) => {
      const breaker = new Breaker();
      const old = Array.from({ length: 5 }, async () => {
        await breaker.do(t.ctx, (ctx) => sleep(ctx, 5001)).catch(() => undefined);
      });
      await times(20, breaker, t.ctx, fail("unavailable"));
      await sleep(t.ctx, 5000);
      assert.equal(breaker.state, "half_open");
      await Promise.all(old);
      assert.equal(breaker.state, "half_open", "five old successes would have closed it");
    });
  });

  test("in every order, no more probes than allowed are made at once, and none is lost", async () => {
    await explore(
      async (t) => {
        const breaker = new Breaker({ minCalls: 1, openMs: 10, probes: 2 });
        await breaker.do(t.ctx, fail("unavailable")).catch(() => undefined);
        await sleep(t.ctx, 10);
        let running = 0;
        const call = async (i: number): Promise<void> => {
          const ctx = withCancel(t.ctx);
          const leaving = (async () => {
            await sleep(t.ctx, 1);
            if (i % 2 === 0) ctx.cancel();
          })();
          await breaker
            .do(ctx, async (ctx) => {
              if (breaker.state === "half_open") assert.ok(++running <= 2);
              await sleep(ctx, 1).finally(() => running--);
            })
            .catch((err: unknown) => {
              if (err instanceof assert.AssertionError) throw err;
            });
          await leaving;
        };
        await Promise.all([0, 1, 2, 3].map(call));
        assert.ok(breaker.ready, breaker.state);
      },
      { runs: 300 },
    );
  });

  for (const options of [{ failureRate: 0 }, { failureRate: 1.1 }, { minCalls: 0 }, { probes: 0.5 }, { openMs: -1 }]) {
    test(`${JSON.stringify(options)} is refused`, () => assert.throws(() => new Breaker(options), RangeError));
  }
});
