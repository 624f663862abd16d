import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Ctx, sleep } from "../context/index.ts";
import { type Code, Failure } from "../errors/index.ts";
import { bubble } from "../test/index.ts";
import { AdaptiveBreaker, type Refused } from "./index.ts";

const fail = (code: Code) => (): never => {
  throw new Failure("no", { code });
};

/** made makes n calls and gives how many were let through. */
async function made(n: number, breaker: AdaptiveBreaker, ctx: Ctx, fn: () => unknown): Promise<number> {
  let count = 0;
  const call = (): unknown => {
    count++;
    return fn();
  };
  for (let i = 0; i < n; i++) await breaker.do(ctx, call).catch(() => undefined);
  return count;
}

describe("AdaptiveBreaker", () => {
  test("it refuses by the book's formula, whatever happens", async () => {
    const call = fc.record({ good: fc.boolean(), waitMs: fc.constantFrom(0, 0, 0, 10, 400) });
    const calls = fc.array(call, { maxLength: 100 });
    const k = fc.double({ min: 1, max: 4, noNaN: true });
    const property = fc.asyncProperty(calls, k, async (calls, k) => {
      await bubble(async (t) => {
        const breaker = new AdaptiveBreaker({ k, windowMs: 1000 });
        // The window's time goes by in tenths.
        const slot = (): number => Math.floor(performance.now() / 100);
        let log: { at: number; accepted: boolean }[] = [];
        for (const { good, waitMs } of calls) {
          await sleep(t.ctx, waitMs);
          log = log.filter(({ at }) => at > slot() - 10);
          const accepts = log.filter(({ accepted }) => accepted).length;
          const want = Math.max(0, (log.length - k * accepts) / (log.length + 1));
          assert.ok(Math.abs(breaker.refusal - want) < 1e-9, `${breaker.refusal}, want ${want}`);
          assert.deepEqual([breaker.state, breaker.ready], [want > 0 ? "half_open" : "closed", want < 0.5]);
          const passed = await made(1, breaker, t.ctx, good ? () => 1 : fail("unavailable"));
          if (want === 0) assert.equal(passed, 1);
          log.push({ at: slot(), accepted: passed === 1 && good });
        }
      });
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test("it lets through k times what is accepted, and all again when all is accepted", async () => {
    await bubble(async (t) => {
      const breaker = new AdaptiveBreaker({ windowMs: 10_000 });
      // Ten calls each 100 ms, of which the callee takes one.
      const second = async (accepts: number): Promise<number> => {
        let passed = 0;
        for (let i = 0; i < 10; i++) {
          let left = accepts;
          passed += await made(10, breaker, t.ctx, () => (left-- > 0 ? 1 : fail("resource_exhausted")()));
          await sleep(t.ctx, 100);
        }
        return passed;
      };
      for (let i = 0; i < 20; i++) await second(1);
      let passed = 0;
      for (let i = 0; i < 20; i++) passed += await second(1);
      // Of 2,000 calls some 200 are accepted, and twice as many pass; a bit more, for some that pass come too late in a turn.
      assert.ok(passed > 300 && passed < 500, `${passed}`);
      for (let i = 0; i < 20; i++) await second(10);
      assert.equal(await second(10), 100);
    });
  });

  const cases: readonly { name: string; fn: () => unknown; want: number }[] = [
    { name: "a success", fn: () => 1, want: 0 },
    { name: "what the caller did wrong", fn: fail("not_found"), want: 0 },
    { name: "what the caller canceled", fn: fail("canceled"), want: 0 },
    { name: "a failure", fn: fail("unavailable"), want: 1 / 2 },
    { name: "an overload", fn: fail("resource_exhausted"), want: 1 / 2 },
  ];
  for (const { name, fn, want } of cases) {
    test(`${name} makes it refuse ${want}`, async () => {
      await bubble(async (t) => {
        const breaker = new AdaptiveBreaker();
        await made(1, breaker, t.ctx, fn);
        assert.equal(breaker.refusal, want);
      });
    });
  }

  test("what it refuses says so, and the hooks hear of both states", async () => {
    await bubble(async (t) => {
      const heard: string[] = [];
      const hooks = {
        breakerChanged: ({ name, from, to }: { name: string; from: string; to: string }) =>
          void heard.push(`${name}: ${from} to ${to}`),
        refused: () => void (heard.at(-1) === "refused" || heard.push("refused")),
      };
      const breaker = new AdaptiveBreaker({ name: "billing", windowMs: 1000, hooks });
      await made(200, breaker, t.ctx, fail("unavailable"));
      await assert.rejects(
        breaker.do(t.ctx, () => 1),
        (err: Refused) => {
          assert.deepEqual([err.code, err.reason], ["unavailable", "resilience/breaker_open"]);
          assert.equal(err.message, "resilience: billing refuses 100 % of the calls: too few of them are accepted");
          return true;
        },
      );
      await sleep(t.ctx, 1000);
      assert.equal(await breaker.do(t.ctx, () => 1), 1);
      assert.deepEqual(heard, ["billing: closed to half_open", "refused", "billing: half_open to closed"]);
    });
  });

  for (const options of [{ k: 0.9 }, { k: NaN }, { windowMs: 0 }]) {
    test(`${JSON.stringify(options)} is refused`, () => assert.throws(() => new AdaptiveBreaker(options), RangeError));
  }
});
