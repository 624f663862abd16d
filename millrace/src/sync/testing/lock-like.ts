import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type CancelCtx, type Ctx, background, withCancel, withTimeout } from "../../context/index.ts";
import type { Guard } from "../index.ts";
import { canceled, states, turn, watch } from "./settle.ts";

/** LockLike is what an exclusive lock does. */
export interface LockLike {
  lock(ctx: Ctx): Promise<Guard>;
  tryLock(): Guard | undefined;
}

/** lockLike proves of an exclusive lock that it excludes, serves in order, loses no wake-up and ends free. */
export function lockLike(name: string, make: () => LockLike): void {
  describe(`${name} as a lock`, () => {
    test("118, 119: one holder at a time, tryLock says whether it is free", async () => {
      const lock = make();
      const first = await lock.lock(background);
      assert.equal(lock.tryLock(), undefined);
      const second = watch(lock.lock(background));
      await turn();
      assert.equal(second.state, "pending");
      first[Symbol.dispose]();
      assert.equal(lock.tryLock(), undefined, "the lock is handed over, and nobody overtakes");
      await turn();
      assert.equal(second.state, "done");
      second.value![Symbol.dispose]();
      lock.tryLock()![Symbol.dispose]();
      assert.ok(lock.tryLock());
    });

    test("121: another task may release", async () => {
      const lock = make();
      const guard = await lock.lock(background);
      const waiting = lock.lock(background);
      await (async () => guard[Symbol.dispose]())();
      (await waiting)[Symbol.dispose]();
    });

    test("124: using releases on return, throw and break; twice is once; a stale guard releases nobody's", async () => {
      const lock = make();
      const returns = async (): Promise<number> => {
        using _ = await lock.lock(background);
        return 1;
      };
      const throws = async (): Promise<void> => {
        using _ = await lock.lock(background);
        throw new Error("inside");
      };
      assert.equal(await returns(), 1);
      await assert.rejects(throws(), /inside/);
      for (;;) {
        using _ = await lock.lock(background);
        break;
      }
      const stale = lock.tryLock()!;
      stale[Symbol.dispose]();
      stale[Symbol.dispose]();
      using held = lock.tryLock();
      assert.ok(held);
      assert.notEqual(held, stale);
      const next = watch(lock.lock(background));
      stale[Symbol.dispose]();
      await turn();
      assert.equal(next.state, "pending");
      held[Symbol.dispose]();
      await turn();
      stale[Symbol.dispose]();
      held[Symbol.dispose]();
      assert.equal(lock.tryLock(), undefined);
    });

    test("a done context takes nothing, also when the lock is free", async () => {
      const lock = make();
      const ctx = canceled();
      await assert.rejects(lock.lock(ctx), (err) => err === ctx.err);
      assert.ok(lock.tryLock());
    });

    test("13, 47, 48: first come, first served; who is canceled leaves, and the others keep their order", async () => {
      const lock = make();
      const guard = lock.tryLock()!;
      const ctx = withCancel(background);
      const served: number[] = [];
      const waits = Array.from({ length: 9 }, async (_, i) => {
        using _guard = await lock.lock(i % 3 === 1 ? ctx : background);
        served.push(i);
        await Promise.resolve();
      });
      const all = Promise.allSettled(waits);
      ctx.cancel();
      guard[Symbol.dispose]();
      const outcomes = await all;
      assert.deepEqual(served, [0, 2, 3, 5, 6, 8]);
      for (const [i, outcome] of outcomes.entries()) {
        assert.equal(outcome.status === "rejected" ? outcome.reason : undefined, i % 3 === 1 ? ctx.err : undefined);
      }
      assert.ok(lock.tryLock());
    });

    test("25, 126: waking is asynchronous, and what was handed over is not revoked by a cancel", async () => {
      const lock = make();
      const guard = lock.tryLock()!;
      const ctx = withCancel(background);
      let entered = false;
      const waiting = lock.lock(ctx).then((next) => {
        entered = true;
        return next;
      });
      guard[Symbol.dispose]();
      ctx.cancel();
      assert.equal(entered, false);
      (await waiting)[Symbol.dispose]();
      assert.ok(lock.tryLock());
    });

    test("a release inside of the cancel, before a waiter of that context is told, passes it over", async () => {
      const lock = make();
      const guard = lock.tryLock()!;
      const parent = withCancel(background);
      // The listener runs when the children are done, and have not been told yet.
      parent.signal.addEventListener("abort", () => guard[Symbol.dispose]());
      const waits = [lock.lock(withCancel(parent)), lock.lock(withCancel(parent)), lock.lock(background)].map(watch);
      parent.cancel();
      await turn();
      assert.deepEqual(states(waits), ["failed", "failed", "done"]);
    });

    test("127: an abandoned wait takes the lock for ever, one with a ctx does not", async () => {
      const lost = make();
      const held = lost.tryLock()!;
      await Promise.race([lost.lock(background), Promise.resolve("timeout")]);
      held[Symbol.dispose]();
      await turn();
      assert.equal(lost.tryLock(), undefined);
      const kept = make();
      const guard = kept.tryLock()!;
      await assert.rejects(kept.lock(withTimeout(background, 1)), { name: "TimeoutError" });
      guard[Symbol.dispose]();
      await turn();
      assert.ok(kept.tryLock());
    });

    test("128: it is not re-entrant", async () => {
      const lock = make();
      const outer = await lock.lock(background);
      const inner = watch(lock.lock(background));
      await turn();
      assert.equal(inner.state, "pending");
      outer[Symbol.dispose]();
      await turn();
      assert.equal(inner.state, "done");
    });

    test("129: what was written under the lock is seen by the next who holds it", async () => {
      const lock = make();
      let shared = 0;
      const work = async (): Promise<void> => {
        for (let i = 0; i < 50; i++) {
          using _ = await lock.lock(background);
          const read = shared;
          await Promise.resolve();
          shared = read + 1;
        }
      };
      await Promise.all(Array.from({ length: 20 }, work));
      assert.equal(shared, 1000);
    });

    test("30: two tasks that hand it to each other starve no timer", { timeout: 5000 }, async () => {
      const lock = make();
      let fired = false;
      setTimeout(() => (fired = true), 5);
      const work = async (): Promise<void> => {
        while (!fired) {
          using _ = await lock.lock(background);
          await Promise.resolve();
        }
      };
      await Promise.all([work(), work()]);
    });

    test("100,000 waits on one context are canceled in linear time", { timeout: 10_000 }, async () => {
      const lock = make();
      using _ = lock.tryLock();
      const ctx = withCancel(background);
      const waits = Array.from({ length: 100_000 }, () => lock.lock(ctx));
      const all = Promise.allSettled(waits);
      ctx.cancel();
      assert.ok((await all).every((outcome) => outcome.status === "rejected"));
    });

    test("250: under random cancels one holds it at a time, in order, and it ends free", async () => {
      const task = fc.record({
        hops: fc.nat(4),
        cancel: fc.option(fc.nat(12), { nil: undefined }),
        start: fc.nat(6),
        by: fc.constantFrom("lock", "lock", "lock", "try"),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(task, { minLength: 1, maxLength: 30 }), async (tasks) => {
          const lock = make();
          const ctxs: CancelCtx[] = [];
          let holders = 0;
          const queued: number[] = [];
          const entered: number[] = [];
          const failed = new Set<number>();
          const hop = async (n: number): Promise<void> => {
            for (let i = 0; i < n; i++) await Promise.resolve();
          };
          const work = async (i: number): Promise<void> => {
            const { hops, cancel, start, by } = tasks[i]!;
            await hop(start);
            const ctx = withCancel(background);
            ctxs.push(ctx);
            if (cancel !== undefined) void hop(cancel).then(() => ctx.cancel());
            if (by === "lock") queued.push(i);
            const guard = by === "try" ? lock.tryLock() : await lock.lock(ctx).catch(() => void failed.add(i));
            if (guard === undefined) return;
            if (by === "lock") entered.push(i);
            assert.equal(++holders, 1);
            await hop(hops);
            holders--;
            guard[Symbol.dispose]();
          };
          await Promise.all(tasks.map((_, i) => work(i)));
          assert.deepEqual(
            entered,
            queued.filter((i) => !failed.has(i)),
          );
          assert.ok(lock.tryLock());
        }),
        { numRuns: 200 },
      );
    });
  });
}
