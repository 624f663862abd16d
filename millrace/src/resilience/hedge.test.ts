import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ctx, sleep, withTimeout } from "../context/index.ts";
import { Failure, codeOf } from "../errors/index.ts";
import { bubble, explore } from "../test/index.ts";
import { Latencies, RetryBudget, hedge } from "./index.ts";

const down = (message: string): Failure => new Failure(message, { code: "unavailable" });

describe("hedge", () => {
  // How long each call takes, in order; a negative number fails after so long.
  const cases: readonly {
    name: string;
    calls: number[];
    max?: number;
    won?: number;
    atMs: number;
    canceled: number[];
  }[] = [
    { name: "a quick call is made once", calls: [50], won: 1, atMs: 50, canceled: [] },
    { name: "a slow one is made again, and loses", calls: [1000, 50], won: 2, atMs: 150, canceled: [1] },
    { name: "a slow one may still win", calls: [120, 50], won: 1, atMs: 120, canceled: [2] },
    { name: "two by default", calls: [500, 500, 1], won: 1, atMs: 500, canceled: [2] },
    { name: "as many as asked for", calls: [500, 500, 1], max: 3, won: 3, atMs: 201, canceled: [1, 2] },
    { name: "one is no hedge", calls: [500, 1], max: 1, won: 1, atMs: 500, canceled: [] },
    { name: "a failure is not made again", calls: [-10, 1], atMs: 10, canceled: [] },
    { name: "a failure leaves it to the others", calls: [-150, 200], won: 2, atMs: 300, canceled: [] },
    { name: "when all fail, it is over", calls: [-150, -60], atMs: 160, canceled: [] },
  ];
  for (const { name, calls, max, won, atMs, canceled } of cases) {
    test(name, async () => {
      await bubble(async (t) => {
        const ended: number[] = [];
        const got = hedge(t.ctx, { delayMs: 100, ...(max !== undefined && { max }) }, async (ctx, call) => {
          const ms = calls[call - 1]!;
          await sleep(ctx, Math.abs(ms)).catch((err: unknown) => {
            ended.push(call);
            throw err;
          });
          if (ms < 0) throw down(`${call}`);
          return call;
        });
        if (won === undefined) await assert.rejects(got);
        else assert.equal(await got, won);
        assert.equal(performance.now(), atMs);
        assert.deepEqual(ended, canceled, "and they have ended");
      });
    });
  }

  test("the budget bounds the extra calls", async () => {
    await bubble(async (t) => {
      const budget = new RetryBudget({ minPerSecond: 0.2 });
      let calls = 0;
      const slow = async (ctx: Ctx): Promise<void> => {
        calls++;
        await sleep(ctx, 500);
      };
      for (let i = 0; i < 10; i++) await hedge(t.ctx, { delayMs: 10, budget }, slow);
      assert.equal(calls, 12);
    });
  });

  test("the caller's deadline ends all", async () => {
    await bubble(async (t) => {
      using ctx = withTimeout(t.ctx, 150);
      const got = hedge(ctx, { delayMs: 100 }, (ctx) => sleep(ctx, 1000));
      await assert.rejects(got, (err) => codeOf(err) === "deadline_exceeded");
      assert.equal(performance.now(), 150);
    });
  });

  test("in every order, what is brought is given or discarded, once", async () => {
    await explore(
      async (t) => {
        let made = 0;
        let discarded = 0;
        const discard = (): void => void discarded++;
        await hedge(t.ctx, { delayMs: 1, max: 3, discard }, async (ctx) => {
          await sleep(ctx, 2).catch(() => undefined);
          return ++made;
        });
        assert.equal(discarded, made - 1);
      },
      { runs: 300 },
    );
  });
});

describe("Latencies", () => {
  test("the percentiles of the last calls", () => {
    const latencies = new Latencies(100);
    for (let i = 1; i < 20; i++) latencies.record(1);
    assert.equal(latencies.percentile(0.95), undefined, "too few to say");
    for (let i = 1; i <= 100; i++) latencies.record(i);
    assert.deepEqual(
      [0.5, 0.95, 1].map((p) => latencies.percentile(p)),
      [50, 95, 100],
    );
    for (let i = 0; i < 100; i++) latencies.record(7);
    assert.equal(latencies.percentile(0.95), 7, "the others are forgotten");
  });
});
