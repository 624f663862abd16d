import assert from "node:assert/strict";
import { type TestContext, describe, test } from "node:test";
import { type Ctx, sleep, withCancel } from "../context/index.ts";
import { Failure, codeOf } from "../errors/index.ts";
import { runningTasks } from "../task/index.ts";
import { bubble } from "../test/index.ts";
import {
  AdaptiveBreaker,
  Breaker,
  Limiter,
  type ResilienceHooks,
  RetryBudget,
  TokenBucket,
  hedge,
  retry,
} from "./index.ts";

type Fn<T> = (ctx: Ctx) => T | PromiseLike<T>;

/** Piece is one of the pieces, to make a call through. */
interface Piece {
  do<T>(ctx: Ctx, fn: Fn<T>): Promise<T>;
  /** rest throws unless the piece is as good as new: nobody holds anything, and nothing was counted against the callee. */
  rest?(): void;
}

const pieces: Readonly<Record<string, (hooks?: ResilienceHooks) => Piece>> = {
  retry: (hooks) => {
    const budget = new RetryBudget({ ratio: 0 });
    return {
      do: (ctx, fn) => retry(ctx, { budget, attemptTimeoutMs: 60_000, hooks }, fn),
      rest: () => assert.equal(budget.balance, 10),
    };
  },
  hedge: (hooks) => ({ do: (ctx, fn) => hedge(ctx, { delayMs: 60_000, hooks }, fn) }),
  breaker: (hooks) => {
    const breaker = new Breaker({ minCalls: 1, hooks });
    return { do: (ctx, fn) => breaker.do(ctx, fn), rest: () => assert.equal(breaker.state, "closed") };
  },
  "half-open breaker": (hooks) => {
    const breaker = new Breaker({ minCalls: 1, openMs: 0, hooks });
    return {
      do: async (ctx, fn) => {
        if (breaker.state === "closed") await breaker.do(ctx, down).catch(() => undefined);
        return breaker.do(ctx, fn);
      },
      rest: () => assert.equal(breaker.ready, true),
    };
  },
  "adaptive breaker": (hooks) => {
    const breaker = new AdaptiveBreaker({ hooks });
    return { do: (ctx, fn) => breaker.do(ctx, fn), rest: () => assert.equal(breaker.refusal, 0) };
  },
  limiter: (hooks) => {
    const limiter = new Limiter({ concurrency: 1, maxWaiting: 1, hooks });
    return {
      do: (ctx, fn) => limiter.do(ctx, fn),
      rest: () => assert.deepEqual([limiter.running, limiter.waiting], [0, 0]),
    };
  },
  "token bucket": (hooks) => {
    const bucket = new TokenBucket({ perSecond: 1e6, burst: 1, hooks });
    return {
      async do(ctx, fn) {
        await bucket.wait(ctx);
        return fn(ctx);
      },
    };
  },
};

/** waits are the waits of the pieces: each call waits until it is canceled, or for longer than a test would take. */
const waits: Readonly<Record<string, () => Promise<(ctx: Ctx) => Promise<unknown>>>> = {
  "retry, in its backoff": async () => {
    const busy = Object.assign(new Failure("busy", { code: "unavailable" }), { retryAfterMs: 3_600_000 });
    return (ctx) => retry(ctx, {}, () => Promise.reject(busy));
  },
  "retry, in an attempt": async () => (ctx) => retry(ctx, { attemptTimeoutMs: 4_000_000 }, (ctx) => sleep(ctx, 3.6e6)),
  "hedge, before the second call": async () => (ctx) => hedge(ctx, { delayMs: 4e6 }, (ctx) => sleep(ctx, 3.6e6)),
  "hedge, in all calls": async () => (ctx) => hedge(ctx, { delayMs: 1 }, (ctx) => sleep(ctx, 3.6e6)),
  "a breaker": async () => (ctx) => new Breaker().do(ctx, (ctx) => sleep(ctx, 3.6e6)),
  "an adaptive breaker": async () => (ctx) => new AdaptiveBreaker().do(ctx, (ctx) => sleep(ctx, 3.6e6)),
  "a limiter, in the queue": async () => {
    const limiter = new Limiter({ concurrency: 1, maxWaiting: 1 });
    return async (ctx) => {
      const held = limiter.do(ctx, (ctx) => sleep(ctx, 3.6e6)).catch(() => undefined);
      const [waited] = await Promise.allSettled([limiter.do(ctx, () => assert.fail()), held]);
      if (waited.status === "rejected") throw waited.reason;
    };
  },
  "a token bucket": async () => {
    const bucket = new TokenBucket({ perSecond: 0.0001, burst: 1 });
    bucket.tryTake();
    return (ctx) => bucket.wait(ctx);
  },
};

function down(): never {
  throw new Failure("down", { code: "unavailable" });
}

async function thrown(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => assert.fail("it must be thrown"),
    (err: unknown) => err,
  );
}

describe("the end of the caller's context", () => {
  for (const [name, make] of Object.entries(waits)) {
    test(`ends at once: ${name}`, async () => {
      await bubble(async (t) => {
        const call = await make();
        const ctx = withCancel(t.ctx);
        const ended = thrown(call(ctx));
        await sleep(t.ctx, 10);
        ctx.cancel();
        assert.equal(codeOf(await ended), "canceled");
        assert.equal(performance.now(), 10);
      });
      assert.deepEqual(runningTasks(), []);
    });
  }

  for (const [name, make] of Object.entries(pieces)) {
    test(`before the call makes none: ${name}`, async () => {
      await bubble(async (t) => {
        const piece = make();
        const ctx = withCancel(t.ctx);
        ctx.cancel();
        assert.equal(codeOf(await thrown(piece.do(ctx, () => assert.fail()))), "canceled");
      });
    });

    test(`is no failure, whatever is thrown then: ${name}`, async () => {
      await bubble(async (t) => {
        const outcomes: string[] = [];
        const piece = make({
          retried: ({ attempts, outcome }) => void outcomes.push(`${outcome} ${attempts}`),
          hedged: ({ calls, won }) => void outcomes.push(`${calls} ${won}`),
          refused: () => void outcomes.push("refused"),
        });
        const errors = [new Error("aborted"), new Failure("down", { code: "unavailable" }), undefined];
        for (const err of errors) {
          for (let i = 0; i < 50; i++) {
            const ctx = withCancel(t.ctx);
            const call = thrown(
              piece.do(ctx, async (ctx) => {
                await sleep(ctx, 1000).catch((ended: unknown) => {
                  throw err ?? ended;
                });
              }),
            );
            await sleep(t.ctx, 1);
            ctx.cancel();
            await call;
          }
        }
        piece.rest?.();
        const want = new Map([
          ["retry", "canceled 1"],
          ["hedge", "1 0"],
        ]).get(name);
        assert.deepEqual(outcomes, want === undefined ? [] : Array(150).fill(want));
      });
    });
  }
});

describe("every piece", () => {
  for (const [name, make] of Object.entries(pieces)) {
    test(`gives what the call gives: ${name}`, async () => {
      await bubble(async (t) => {
        const piece = make();
        assert.equal(await piece.do(t.ctx, () => 1), 1);
        assert.equal(await piece.do(t.ctx, (ctx) => sleep(ctx, 5).then(() => 2)), 2);
      });
    });

    test(`throws what the call throws, also without a promise: ${name}`, async () => {
      await bubble(async (t) => {
        for (const err of [new Failure("wrong", { code: "not_found" }), new Failure("?", { code: "canceled" })]) {
          const piece = make();
          const rejects = (): Promise<never> => Promise.reject(err);
          const throws = (): never => {
            throw err;
          };
          assert.equal(await thrown(piece.do(t.ctx, throws)), err);
          assert.equal(await thrown(piece.do(t.ctx, rejects)), err);
          piece.rest?.();
        }
      });
    });

    test(`heeds no wall clock: ${name}`, async (t: TestContext) => {
      let wall = 1e12;
      // It jumps a day to and fro.
      t.mock.method(Date, "now", () => (wall = wall > 1e12 ? 1e12 : 1e12 + 86_400_000));
      const piece = make();
      await bubble(async (t) => {
        const piece = make();
        for (let i = 0; i < 10; i++) assert.equal(await piece.do(t.ctx, (ctx) => sleep(ctx, 10).then(() => i)), i);
        assert.ok(performance.now() < 110);
      });
      piece.rest?.();
    });

    test(`lets a hook throw: ${name}`, async () => {
      await bubble(async (t) => {
        let called = 0;
        const broken = (): never => {
          called++;
          throw new Error("a broken metric");
        };
        const hooks = { retried: broken, hedged: broken, breakerChanged: broken, refused: broken, waited: broken };
        const piece = make(hooks);
        assert.equal(await piece.do(t.ctx, () => 1), 1);
        const both = [1, 2].map(() => piece.do(t.ctx, (ctx) => sleep(ctx, 1)).catch(() => undefined));
        await Promise.all(both);
        for (let i = 0; i < 20; i++) await piece.do(t.ctx, down).catch(() => undefined);
        for (let i = 0; i < 20; i++) await piece.do(t.ctx, () => 1).catch(() => undefined);
        assert.ok(called > 0);
      });
    });
  }
});
