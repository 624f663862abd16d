import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type CancelCtx, type Ctx, background, withCancel } from "../context/index.ts";
import { Cond, type Guard, Guarded, Mutex, RWMutex } from "./index.ts";
import { canceled, reason, states, turn, watch } from "./testing/settle.ts";

interface Locked {
  lock(ctx: Ctx): Promise<Guard>;
  tryLock(): Guard | undefined;
}

const locks: [name: string, make: () => [Locked, Cond]][] = [
  ["Mutex", () => withCond(new Mutex())],
  ["RWMutex", () => withCond(new RWMutex())],
  ["Guarded", () => withCond(new Guarded(0))],
];

function withCond<L extends Mutex | RWMutex | Guarded<unknown>>(lock: L): [L, Cond] {
  return [lock, new Cond(lock)];
}

for (const [name, make] of locks) {
  describe(`Cond of a ${name}`, () => {
    test("139: wait releases the lock, and holds it again with the same guard when it returns", async () => {
      const [lock, cond] = make();
      const guard = await lock.lock(background);
      const waiting = watch(cond.wait(background, guard));
      const other = lock.tryLock()!;
      assert.ok(other);
      // It does not hold the lock now, and so releases nothing.
      guard[Symbol.dispose]();
      assert.equal(lock.tryLock(), undefined);
      cond.signal();
      await turn();
      assert.equal(waiting.state, "pending");
      other[Symbol.dispose]();
      assert.equal(lock.tryLock(), undefined);
      await turn();
      assert.equal(waiting.state, "done");
      guard[Symbol.dispose]();
      guard[Symbol.dispose]();
      assert.ok(lock.tryLock());
    });

    test("139: who is canceled holds the lock again before it is told", async () => {
      const [lock, cond] = make();
      const ctx = withCancel(background);
      const guard = await lock.lock(background);
      const waiting = watch(cond.wait(ctx, guard));
      const other = await lock.lock(background);
      ctx.cancel();
      await turn();
      assert.equal(waiting.state, "pending");
      other[Symbol.dispose]();
      await turn();
      assert.equal(waiting.err, ctx.err);
      assert.equal(lock.tryLock(), undefined);
      guard[Symbol.dispose]();
      assert.ok(lock.tryLock());
    });

    test("a guard that does not hold the lock, or is of another, is refused, and changes nothing", async () => {
      const [lock, cond] = make();
      const refused = reason("sync/wait_without_lock");
      const stale = await lock.lock(background);
      stale[Symbol.dispose]();
      await assert.rejects(cond.wait(background, stale), refused);
      const held = await lock.lock(background);
      await assert.rejects(cond.wait(background, stale), refused);
      // In the same turn as this one.
      const [twin] = make();
      (await twin.lock(background))[Symbol.dispose]();
      await assert.rejects(cond.wait(background, await twin.lock(background)), refused);
      assert.equal(lock.tryLock(), undefined);
      held[Symbol.dispose]();
    });

    test("a done context rejects without releasing", async () => {
      const [lock, cond] = make();
      const ctx = canceled();
      const guard = await lock.lock(background);
      const waiting = cond.wait(ctx, guard);
      assert.equal(lock.tryLock(), undefined);
      await assert.rejects(waiting, (err) => err === ctx.err);
      guard[Symbol.dispose]();
    });
  });
}

describe("Cond", () => {
  test("139: a reader's guard is refused, and keeps its lock", async () => {
    const rw = new RWMutex();
    const reader = await rw.rlock(background);
    await assert.rejects(new Cond(rw).wait(background, reader), reason("sync/wait_without_lock"));
    assert.equal(rw.tryLock(), undefined);
    reader[Symbol.dispose]();
    assert.ok(rw.tryLock());
  });

  // As many waits as asked for, in order; each notes when it is back, and releases.
  async function park(
    lock: Locked,
    cond: Cond,
    ctxs: readonly Ctx[],
  ): Promise<{ back: number[]; all: Promise<unknown> }> {
    const back: number[] = [];
    const all = [];
    for (const [i, ctx] of ctxs.entries()) {
      const guard = await lock.lock(background);
      const waiting = cond.wait(ctx, guard).finally(() => {
        back.push(i);
        guard[Symbol.dispose]();
      });
      all.push(waiting);
    }
    return { back, all: Promise.allSettled(all) };
  }

  test("140: signal wakes exactly one, in the order of the waits, a hundred times", async () => {
    const m = new Mutex();
    const cond = new Cond(m);
    const { back } = await park(
      m,
      cond,
      Array.from({ length: 100 }, () => background),
    );
    for (let i = 0; i < 100; i++) {
      assert.equal(back.length, i);
      cond.signal();
      await turn();
    }
    assert.deepEqual(back, [...Array(100).keys()]);
  });

  test("140: many signals at once, and a broadcast, wake in the order of the waits", async () => {
    const m = new Mutex();
    const cond = new Cond(m);
    const { back, all } = await park(
      m,
      cond,
      Array.from({ length: 3000 }, () => background),
    );
    for (let i = 0; i < 1500; i++) cond.signal();
    cond.broadcast();
    await all;
    assert.deepEqual(back, [...Array(3000).keys()]);
  });

  test("141: signal and broadcast without a wait are lost", async () => {
    const m = new Mutex();
    const cond = new Cond(m);
    cond.signal();
    cond.broadcast();
    const { back } = await park(m, cond, [background]);
    await turn();
    assert.deepEqual(back, []);
    cond.broadcast();
    await turn();
    assert.deepEqual(back, [0]);
  });

  test("141: a broadcast wakes those who wait now, and not who waits again", async () => {
    const m = new Mutex();
    const cond = new Cond(m);
    let rounds = 0;
    const guard = await m.lock(background);
    const task = async (): Promise<void> => {
      for (;;) {
        await cond.wait(background, guard);
        rounds++;
      }
    };
    void task();
    cond.broadcast();
    await turn();
    assert.equal(rounds, 1);
  });

  test("48: a wait that was canceled takes no signal from the next", async () => {
    const m = new Mutex();
    const cond = new Cond(m);
    const ctx = withCancel(background);
    const { back } = await park(m, cond, [ctx, background, background]);
    ctx.cancel();
    cond.signal();
    await turn();
    assert.deepEqual(back, [0, 1]);
  });

  test("48: a signal inside of the cancel, before a wait of that context is told, passes it over", async () => {
    const m = new Mutex();
    const cond = new Cond(m);
    const parent = withCancel(background);
    // The listener runs when the children are done, and have not been told yet.
    parent.signal.addEventListener("abort", () => cond.signal());
    const { back } = await park(m, cond, [withCancel(parent), background, background]);
    parent.cancel();
    await turn();
    assert.deepEqual(back, [0, 1]);
    assert.ok(m.tryLock());
  });

  test("126: a signal that was given is not revoked by a cancel", async () => {
    const m = new Mutex();
    const cond = new Cond(m);
    const ctx = withCancel(background);
    const waiting = watch(cond.wait(ctx, m.tryLock()!));
    const last = watch(cond.wait(background, m.tryLock()!));
    cond.signal();
    ctx.cancel();
    await turn();
    assert.deepEqual(states([waiting, last]), ["done", "pending"]);
  });

  test("as Go's TestRace: three tasks take turns by a condition", { timeout: 5000 }, async () => {
    const x = new Guarded(0);
    const cond = new Cond(x);
    const order: number[] = [];
    const task = async (mine: number): Promise<void> => {
      using held = await x.lock(background);
      for (let round = 0; round < 20; round++) {
        while (held.value % 3 !== mine) await cond.wait(background, held);
        order.push(mine);
        held.value++;
        cond.broadcast();
      }
    };
    await Promise.all([task(2), task(0), task(1)]);
    assert.deepEqual(
      order,
      Array.from({ length: 60 }, (_, i) => i % 3),
    );
  });

  test("250: a bounded buffer under random cancels loses nothing, and the lock ends free", async () => {
    const step = fc.record({ put: fc.boolean(), cancel: fc.option(fc.nat(40), { nil: undefined }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, size) => {
        const buffer = new Guarded<number[]>([]);
        const [room, items] = [new Cond(buffer), new Cond(buffer)];
        const ctxs: CancelCtx[] = [];
        const [put, got]: number[][] = [[], []];
        const hop = async (n: number): Promise<void> => {
          for (let i = 0; i < n; i++) await Promise.resolve();
        };
        const work = async (i: number): Promise<void> => {
          const ctx = withCancel(background);
          ctxs.push(ctx);
          const { cancel } = steps[i]!;
          if (cancel !== undefined) void hop(cancel).then(() => ctx.cancel());
          try {
            using held = await buffer.lock(ctx);
            if (steps[i]!.put) {
              while (held.value.length === size) await room.wait(ctx, held);
              held.value.push(i);
              put!.push(i);
              items.signal();
            } else {
              while (held.value.length === 0) await items.wait(ctx, held);
              got!.push(held.value.shift()!);
              room.signal();
            }
          } catch (err) {
            assert.equal(err, ctx.err);
          }
        };
        const all = Promise.all(steps.map((_, i) => work(i)));
        await turn();
        // Who still waits does so for something that is not there.
        const stuck = new Set(ctxs);
        for (const ctx of stuck) ctx.cancel();
        await all;
        const left = buffer.tryLock();
        assert.ok(left);
        assert.deepEqual([...got!, ...left.value], put);
      }),
      { numRuns: 200 },
    );
  });
});
