import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { background, withCancel, withTimeout } from "../context/index.ts";
import { install } from "../runtime/hook.ts";
import { silent } from "../runtime/testing/silent.ts";
import { type Guard, Semaphore } from "./index.ts";
import { lockLike } from "./testing/lock-like.ts";
import { runModel } from "./testing/model.ts";
import { canceled, reason, states, turn, watch } from "./testing/settle.ts";

lockLike("Semaphore(1)", () => {
  const s = new Semaphore(1);
  return { lock: (ctx) => s.acquire(ctx), tryLock: () => s.tryAcquire() };
});

describe("Semaphore", () => {
  for (const size of [-1, NaN, 1.5, Infinity, 2 ** 53]) {
    test(`a size of ${size} is refused`, () => assert.throws(() => new Semaphore(size), RangeError));
  }
  for (const n of [-1, NaN, 0.5, Infinity]) {
    test(`${n} tokens are refused`, async () => {
      const s = new Semaphore(2);
      await assert.rejects(s.acquire(background, n), RangeError);
      assert.throws(() => s.tryAcquire(n), RangeError);
      assert.throws(() => s.release(n), RangeError);
      assert.equal(s.available, 2);
    });
  }

  test("155: as Go's TestWeightedTryAcquire and TestWeightedAcquire", async () => {
    const s = new Semaphore(2);
    const tried = [s.tryAcquire(1), s.tryAcquire(1), s.tryAcquire(1)];
    s.release(2);
    tried.push(s.tryAcquire(1));
    await s.acquire(background, 1);
    tried.push(s.tryAcquire(1));
    s.release(1);
    tried.push(s.tryAcquire(1));
    assert.deepEqual(
      tried.map((guard) => guard !== undefined),
      [true, true, false, true, false, true],
    );
    const t = new Semaphore(2);
    await t.acquire(background);
    const sequence = [true, t.tryAcquire(1) !== undefined, t.tryAcquire(1) !== undefined];
    assert.deepEqual(sequence, [true, true, false]);
    assert.equal(t.available, 0);
    assert.equal(t.size, 2);
  });

  test("156: a release of more than is held throws and gives back none", () => {
    const s = new Semaphore(3);
    const over = reason("sync/released_more_than_held");
    assert.throws(() => s.release(1), over);
    s.tryAcquire(2);
    assert.throws(() => s.release(3), over);
    assert.equal(s.available, 1);
    s.release(2);
    assert.throws(() => s.release(), over);
    assert.equal(s.available, 3);
  });

  test("158: tryAcquire fails when anyone waits, even if the tokens would do", async () => {
    const s = new Semaphore(3);
    s.tryAcquire(2);
    const large = watch(s.acquire(background, 2));
    assert.equal(s.tryAcquire(1), undefined);
    assert.equal(s.tryAcquire(0), undefined);
    const small = watch(s.acquire(background, 1));
    await turn();
    assert.deepEqual(states([large, small]), ["pending", "pending"]);
    s.release(1);
    await turn();
    assert.deepEqual(states([large, small]), ["done", "pending"]);
    s.release(1);
    await turn();
    assert.equal(small.state, "done");
  });

  test("159: more than the size waits for its context alone, and nobody waits behind it", async () => {
    const s = new Semaphore(2);
    const ctx = withCancel(background);
    const never = watch(s.acquire(ctx, 3));
    const others = [s.acquire(background, 2)].map(watch);
    await turn();
    assert.deepEqual(states([never, ...others]), ["pending", "done"]);
    assert.equal(s.tryAcquire(), undefined);
    s.release(2);
    assert.ok(s.tryAcquire());
    ctx.cancel();
    await turn();
    assert.equal(never.err, ctx.err);
    await assert.rejects(s.acquire(withTimeout(background, 1), 3), { name: "TimeoutError" });
    assert.equal(s.tryAcquire(3), undefined);
    assert.equal(s.available, 1);
  });

  test("160: a done context takes nothing, even if tokens are free", async () => {
    const s = new Semaphore(1);
    const ctx = canceled();
    await assert.rejects(s.acquire(ctx), (err) => err === ctx.err);
    await assert.rejects(s.acquire(ctx, 2), (err) => err === ctx.err);
    assert.equal(s.available, 1);
  });

  test("163: a guard gives back exactly what it took, once", async () => {
    const s = new Semaphore(5);
    const guard = await s.acquire(background, 3);
    const other = await s.acquire(background, 1);
    guard[Symbol.dispose]();
    guard[Symbol.dispose]();
    assert.equal(s.available, 4);
    other[Symbol.dispose]();
    other[Symbol.dispose]();
    assert.equal(s.available, 5);
    const stale = s.tryAcquire(5)!;
    s.release(5);
    const held = s.tryAcquire(5)!;
    stale[Symbol.dispose]();
    assert.equal(s.available, 0);
    s.release(3);
    held[Symbol.dispose]();
    assert.equal(s.available, 5);
    const none = s.tryAcquire(0)!;
    none[Symbol.dispose]();
    assert.equal(s.available, 5);
  });

  test("163: where a test watches, a release never takes what the guard of a using gives back", async () => {
    const over = reason("sync/released_more_than_held");
    install(silent);
    try {
      const s = new Semaphore(5);
      {
        using _one = await s.acquire(background, 2);
        using _other = await s.acquire(background, 1);
        assert.throws(() => s.release(), over);
        // Whoever holds tokens without a guard may release them, and no more.
        await s.acquire(background, 2);
        assert.throws(() => s.release(3), over);
        s.release(2);
        assert.throws(() => s.release(), over);
        // A guard whose tokens have come back takes none of the others.
        const both = await s.acquire(background, 2);
        s.release();
        both[Symbol.dispose]();
        both[Symbol.dispose]();
        assert.equal(s.available, 2);
        {
          using early = await s.acquire(background, 2);
          early[Symbol.dispose]();
          assert.equal(s.available, 2);
        }
        assert.equal(s.available, 2);
        assert.throws(() => s.release(), over);
      }
      assert.equal(s.available, 5);
      const stale = s.tryAcquire(5)!;
      s.release(5);
      s.tryAcquire(5);
      stale[Symbol.dispose]();
      assert.equal(s.available, 0);
      s.release(5);
    } finally {
      install(null);
    }
  });

  test("as Go's TestLargeAcquireDoesntStarve: a large request gets its turn among small ones", async () => {
    const n = 8;
    const s = new Semaphore(n);
    let running = true;
    const guards = await Promise.all(Array.from({ length: n }, () => s.acquire(background)));
    const small = guards.map(async (guard) => {
      for (let held: Guard = guard; ; held = await s.acquire(background)) {
        await Promise.resolve();
        held[Symbol.dispose]();
        if (!running) return;
      }
    });
    await s.acquire(background, n);
    running = false;
    s.release(n);
    await Promise.all(small);
    assert.equal(s.available, n);
  });

  test("as Go's TestAllocCancelDoesntStarve: who cancels a large request at the head lets the small ones in", async () => {
    const s = new Semaphore(10);
    s.tryAcquire(1);
    const ctx = withCancel(background);
    const large = watch(s.acquire(ctx, 10));
    const small = [s.acquire(background, 1), s.acquire(background, 8), s.acquire(background, 1)].map(watch);
    await turn();
    assert.deepEqual(states(small), ["pending", "pending", "pending"]);
    ctx.cancel();
    await turn();
    assert.deepEqual(states([large, ...small]), ["failed", "done", "done", "pending"]);
    assert.equal(s.available, 0);
  });

  test("a cancel that makes room for another wait of the same context gives it nothing", async () => {
    const s = new Semaphore(2);
    s.tryAcquire(1);
    const ctx = withCancel(background);
    const waits = [s.acquire(ctx, 2), s.acquire(ctx, 1), s.acquire(withCancel(ctx), 1), s.acquire(background, 1)].map(
      watch,
    );
    ctx.cancel();
    await turn();
    assert.deepEqual(states(waits), ["failed", "failed", "failed", "done"]);
    assert.equal(s.available, 0);
  });

  test("withTokens limits, gives its result and its error, and always gives back", async () => {
    const s = new Semaphore(3);
    let running = 0;
    let most = 0;
    const job = async (i: number): Promise<number> => {
      most = Math.max(most, ++running);
      await turn();
      running--;
      if (i === 5) throw new Error("five");
      return i;
    };
    const jobs = Array.from({ length: 12 }, (_, i) => s.withTokens(background, () => job(i)));
    const outcomes = await Promise.allSettled(jobs);
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : "error")),
      [0, 1, 2, 3, 4, "error", 6, 7, 8, 9, 10, 11],
    );
    assert.equal(most, 3);
    assert.equal(await s.withTokens(background, () => s.available, 2), 1);
    const fail = (): never => {
      throw new Error("sync");
    };
    await assert.rejects(s.withTokens(background, fail), /sync/);
    assert.equal(s.available, 3);
  });

  test("164: the sum of what is held never exceeds the size, and ends at 0, under random cancels", async () => {
    const task = fc.record({
      n: fc.integer({ min: 0, max: 6 }),
      hops: fc.nat(4),
      cancel: fc.nat(20),
      start: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(5), fc.array(task, { maxLength: 40 }), async (size, tasks) => {
        const s = new Semaphore(size);
        let held = 0;
        const hop = async (n: number): Promise<void> => {
          for (let i = 0; i < n; i++) await Promise.resolve();
        };
        const work = async ({ n, hops, cancel, start }: (typeof tasks)[number]): Promise<void> => {
          await hop(start);
          const ctx = withCancel(background);
          void hop(cancel).then(() => ctx.cancel());
          const guard = await s.acquire(ctx, n).catch(() => undefined);
          if (guard === undefined) return;
          held += n;
          assert.ok(held <= size);
          await hop(hops);
          held -= n;
          guard[Symbol.dispose]();
        };
        await Promise.all(tasks.map(work));
        assert.deepEqual([held, s.available], [0, size]);
      }),
      { numRuns: 200 },
    );
  });

  test("249, 250: a short run beside the model", async () => {
    assert.ok((await runModel({ runs: 100, commands: 60 })) > 2000);
  });
});
