import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sleep, withCancel } from "../context/index.ts";
import { Failure, codeOf } from "../errors/index.ts";
import { bubble, explore } from "../test/index.ts";
import { Breaker } from "./index.ts";

function down(): never {
  throw new Failure("down", { code: "unavailable" });
}

describe("a half-open breaker", () => {
  for (const probes of [undefined, 2]) {
    test(`of 1,000 callers at once ${probes ?? 1} may, in every order`, async () => {
      await explore(
        async (t) => {
          const breaker = new Breaker({ minCalls: 1, openMs: 10, ...(probes !== undefined && { probes }) });
          await breaker.do(t.ctx, down).catch(() => undefined);
          await sleep(t.ctx, 10);
          let probed = 0;
          const call = async (): Promise<void> => {
            await breaker.do(t.ctx, async (ctx) => {
              probed++;
              await sleep(ctx, 1);
            });
          };
          const outcomes = await Promise.allSettled(Array.from({ length: 1000 }, call));
          assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, probes ?? 1);
          assert.deepEqual([probed, breaker.state], [probes ?? 1, "closed"]);
        },
        { runs: 10 },
      );
    });
  }

  test("a probe that its caller cancels leaves its place to one other, of 1,000", async () => {
    await bubble(async (t) => {
      const breaker = new Breaker({ minCalls: 1, openMs: 10 });
      await breaker.do(t.ctx, down).catch(() => undefined);
      await sleep(t.ctx, 10);
      const leaver = withCancel(t.ctx);
      const left = breaker.do(leaver, (ctx) => sleep(ctx, 1000)).catch(codeOf);
      const call = (): Promise<number> => breaker.do(t.ctx, (ctx) => sleep(ctx, 1).then(() => 1));
      const round = async (): Promise<number> => {
        const outcomes = await Promise.allSettled(Array.from({ length: 1000 }, call));
        return outcomes.filter(({ status }) => status === "fulfilled").length;
      };
      assert.equal(await round(), 0);
      leaver.cancel();
      assert.equal(await left, "canceled");
      assert.equal(await round(), 1);
      assert.equal(breaker.state, "closed");
    });
  });

  for (const late of ["success", "failure"] as const) {
    test(`is not moved by a late ${late} of a call that began before it opened`, async () => {
      await bubble(async (t) => {
        const breaker = new Breaker({ minCalls: 2, openMs: 10 });
        const old = breaker
          .do(t.ctx, async (ctx) => {
            await sleep(ctx, 15);
            if (late === "failure") down();
          })
          .catch(() => undefined);
        for (let i = 0; i < 2; i++) await breaker.do(t.ctx, down).catch(() => undefined);
        await sleep(t.ctx, 10);
        assert.equal(breaker.state, "half_open");
        await old;
        assert.deepEqual([breaker.state, breaker.ready], ["half_open", true]);
        await breaker.do(t.ctx, () => 1);
        assert.equal(breaker.state, "closed");
      });
    });
  }

  test("a judge that throws keeps no place of a probe", async () => {
    await bubble(async (t) => {
      const isFailure = (): never => {
        throw new Error("a broken judge");
      };
      const breaker = new Breaker({ minCalls: 1, openMs: 10, isFailure });
      for (let i = 0; i < 3; i++) {
        assert.ok(breaker.ready);
        await assert.rejects(breaker.do(t.ctx, down), /^Failure: down$/);
        assert.equal(breaker.state, "open");
        await sleep(t.ctx, 10);
      }
    });
  });
});
