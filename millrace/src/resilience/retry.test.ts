import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sleep, withCancel, withTimeout } from "../context/index.ts";
import { Failure, codeOf } from "../errors/index.ts";
import { bubble, explore } from "../test/index.ts";
import { RetryBudget, type RetryOptions, retry } from "./index.ts";

const down = (message = "down"): Failure => new Failure(message, { code: "unavailable", reason: "test/down" });
const wrong = (): Failure => new Failure("wrong", { code: "invalid_argument" });

class Busy extends Failure {
  readonly retryAfterMs = 3000;
  constructor() {
    super("busy", { code: "unavailable" });
  }
}

describe("retry", () => {
  const cases: readonly {
    readonly name: string;
    readonly options?: RetryOptions;
    readonly errs: readonly Error[];
    readonly want: { readonly calls: number; readonly value?: string; readonly code?: string };
  }[] = [
    { name: "a success is made once", errs: [], want: { calls: 1, value: "ok" } },
    { name: "a failure is made again", errs: [down(), down()], want: { calls: 3, value: "ok" } },
    { name: "3 attempts by default", errs: [down(), down(), down()], want: { calls: 3, code: "unavailable" } },
    { name: "as many as asked for", options: { attempts: 1 }, errs: [down()], want: { calls: 1, code: "unavailable" } },
    { name: "not what is wrong", errs: [wrong()], want: { calls: 1, code: "invalid_argument" } },
    { name: "until it is wrong", errs: [down(), wrong()], want: { calls: 2, code: "invalid_argument" } },
    { name: "not what nobody knows", errs: [new Error("?")], want: { calls: 1, code: "unknown" } },
    {
      name: "what the caller says",
      options: { retryable: () => true },
      errs: [new Error("?")],
      want: { calls: 2, value: "ok" },
    },
    {
      name: "as far as the budget goes",
      options: { attempts: 9, budget: new RetryBudget({ minPerSecond: 0.2 }) },
      errs: [down(), down(), down(), down()],
      want: { calls: 3, code: "unavailable" },
    },
  ];
  for (const { name, options = {}, errs, want } of cases) {
    test(name, async () => {
      await bubble(async (t) => {
        let calls = 0;
        const call = retry(t.ctx, options, async () => {
          const err = errs[calls++];
          await sleep(t.ctx, 1);
          if (err !== undefined) throw err;
          return "ok";
        });
        const got = await call
          .then((value) => ({ calls, value }))
          .catch((err: unknown) => ({ calls, code: codeOf(err) }));
        assert.deepEqual(got, want);
      });
    });
  }

  test("the last error counts, and all are there", async () => {
    await bubble(async (t) => {
      let calls = 0;
      const call = retry(t.ctx, {}, () => Promise.reject(down(`down ${++calls}`)));
      await assert.rejects(call, (err: Failure) => {
        assert.equal(err.message, "after 3 attempts: down 3");
        assert.deepEqual([err.code, err.reason, err.retryable], ["unavailable", "test/down", true]);
        const { errors } = err.cause as AggregateError;
        assert.deepEqual(
          errors.map((e: Error) => e.message),
          ["down 3", "down 2", "down 1"],
        );
        return true;
      });
    });
  });

  test("the waits grow, and an error may ask for longer ones", async () => {
    await bubble(async (t) => {
      const at: number[] = [];
      const call = retry(t.ctx, { attempts: 6, baseMs: 100, maxMs: 400 }, () => {
        at.push(performance.now());
        throw at.length === 4 ? new Busy() : down();
      });
      await assert.rejects(call);
      const waits = at.slice(1).map((ms, i) => ms - at[i]!);
      const most = [100, 200, 400, Infinity, 400];
      // A timer of Node's may be a millisecond late.
      waits.forEach((ms, i) => assert.ok(ms <= most[i]! + 1, `${ms} ms`));
      assert.ok(waits[3]! >= 3000);
    });
  });

  const late = [
    { name: "with the time for what the error asks for", leftMs: 3500, calls: 2 },
    { name: "not when that is after the deadline", leftMs: 2900, calls: 1 },
  ];
  for (const { name, leftMs, calls } of late) {
    test(`another attempt ${name}`, async () => {
      await bubble(async (t) => {
        using ctx = withTimeout(t.ctx, leftMs);
        let made = 0;
        await assert.rejects(
          retry(ctx, { attempts: 2 }, () => {
            made++;
            throw new Busy();
          }),
        );
        assert.equal(made, calls);
        assert.ok(performance.now() < leftMs, "nobody waits for a deadline that cannot be met");
      });
    });
  }

  test("an attempt that takes too long is ended and made again", async () => {
    await bubble(async (t) => {
      const ends: unknown[] = [];
      const value = await retry(t.ctx, { attemptTimeoutMs: 1000, baseMs: 1 }, async (ctx, attempt) => {
        if (attempt === 3) return performance.now();
        await sleep(ctx, 60_000).catch((err: unknown) => {
          ends.push(codeOf(err));
          throw err;
        });
        return 0;
      });
      assert.deepEqual(ends, ["deadline_exceeded", "deadline_exceeded"]);
      assert.ok(value >= 2000 && value < 2100);
    });
  });

  test("the caller's own deadline is no attempt's", async () => {
    await bubble(async (t) => {
      using ctx = withTimeout(t.ctx, 500);
      let calls = 0;
      const call = retry(ctx, { attemptTimeoutMs: 1000 }, async (ctx) => {
        calls++;
        await sleep(ctx, 60_000);
      });
      await assert.rejects(call, (err) => err === ctx.err);
      assert.equal(calls, 1);
    });
  });

  test("a cancel ends the wait, and is what is thrown", async () => {
    await bubble(async (t) => {
      const ctx = withCancel(t.ctx);
      const call = retry(ctx, {}, () => Promise.reject(new Busy()));
      await sleep(t.ctx, 1000);
      ctx.cancel();
      await assert.rejects(call, (err) => codeOf(err) === "canceled");
      assert.equal(performance.now(), 1000);
    });
  });

  test("who comes canceled makes no call", async () => {
    await bubble(async (t) => {
      const ctx = withCancel(t.ctx);
      ctx.cancel();
      await assert.rejects(
        retry(ctx, {}, () => assert.fail()),
        (err) => err === ctx.err,
      );
    });
  });
});

describe("RetryBudget", () => {
  test("10 % of the calls and one a second", async () => {
    await bubble(async (t) => {
      const budget = new RetryBudget();
      const spent = (): number => {
        let n = 0;
        while (budget.tryWithdraw()) n++;
        return n;
      };
      assert.equal(spent(), 10, "a window's worth of seconds");
      for (let i = 0; i < 1000; i++) budget.deposit();
      assert.equal(spent(), 100);
      await sleep(t.ctx, 11_000);
      assert.equal(budget.balance, 10, "both are forgotten");
      for (let i = 0; i < 1000; i++) budget.deposit();
      await sleep(t.ctx, 11_000);
      assert.equal(budget.balance, 10, "what was not spent is forgotten, too");
    });
  });

  test("over ten minutes of an outage there are 10 % more calls and one a second", async () => {
    await bubble(
      async (t) => {
        const budget = new RetryBudget();
        let attempts = 0;
        const CALLS = 600 * 5;
        const calls = Array.from({ length: CALLS }, async (_, i) => {
          await sleep(t.ctx, i * 200);
          await retry(t.ctx, { budget, attempts: 4 }, () => {
            attempts++;
            throw down();
          }).catch(() => undefined);
        });
        await Promise.all(calls);
        const extra = attempts - CALLS;
        assert.ok(extra <= CALLS * 0.1 + 600 + 10, `${extra}`);
        assert.ok(extra > CALLS * 0.05, "it is used, too");
      },
      { maxSteps: 1_000_000 },
    );
  });

  test("in every order, nobody takes out more than there is", async () => {
    await explore(
      async (t) => {
        const budget = new RetryBudget({ ratio: 0.5, minPerSecond: 0 });
        let attempts = 0;
        await Promise.all(
          Array.from({ length: 4 }, async () => {
            await retry(t.ctx, { budget, attempts: 5 }, async (ctx) => {
              attempts++;
              await sleep(ctx, 1);
              throw down();
            }).catch(() => undefined);
          }),
        );
        assert.ok(attempts <= 6, `${attempts}`);
      },
      { runs: 200 },
    );
  });

  for (const options of [{ ratio: 2 }, { ratio: NaN }, { minPerSecond: -1 }, { windowMs: 0 }]) {
    test(`${JSON.stringify(options)} is refused`, () => assert.throws(() => new RetryBudget(options), RangeError));
  }
});
