import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { background, withCancel } from "../context/index.ts";
import { nodeOf } from "../context/node.ts";
import { is } from "../errors/index.ts";
import { type Hook, install } from "../runtime/hook.ts";
import { silent } from "../runtime/testing/silent.ts";
import { type Guard, Mutex } from "./index.ts";
import { lockLike } from "./testing/lock-like.ts";
import { canceled, reason, turn, watch } from "./testing/settle.ts";

lockLike("Mutex", () => new Mutex());

describe("Mutex", () => {
  test("118, 119: as Go's TestMutex: locked, tried, unlocked", async () => {
    const m = new Mutex();
    await m.lock(background);
    assert.equal(m.tryLock(), undefined);
    m.unlock();
    assert.ok(m.tryLock());
    assert.equal(m.tryLock(), undefined);
    m.unlock();
    await m.lock(background);
    m.unlock();
  });

  test("120: unlock of an unlocked mutex throws, also the second time, and breaks nothing", async () => {
    const m = new Mutex();
    const unlocked = reason("sync/unlock_of_unlocked");
    assert.throws(() => m.unlock(), unlocked);
    await m.lock(background);
    m.unlock();
    assert.throws(() => m.unlock(), unlocked);
    assert.throws(
      () => m.unlock(),
      (err) => is(err, "failed_precondition"),
    );
    const guard = m.tryLock()!;
    guard[Symbol.dispose]();
    assert.throws(() => m.unlock(), unlocked);
    assert.ok(m.tryLock());
  });

  test("124: unlock makes the guard stale, and hands over as a guard does", async () => {
    const m = new Mutex();
    const stale = await m.lock(background);
    const next = m.lock(background);
    m.unlock();
    stale[Symbol.dispose]();
    assert.equal(m.tryLock(), undefined);
    const guard = await next;
    stale[Symbol.dispose]();
    assert.equal(m.tryLock(), undefined);
    guard[Symbol.dispose]();
    assert.ok(m.tryLock());
  });

  test("125: withLock releases after a result, a synchronous throw and a rejection, and gives ctx on", async () => {
    const m = new Mutex();
    const ctx = withCancel(background);
    const give = (given: unknown): unknown => {
      assert.equal(m.tryLock(), undefined);
      return given;
    };
    assert.equal(await m.withLock(ctx, give), ctx);
    // Held until the function has ended, also across its awaits.
    const slow = async (given: unknown): Promise<unknown> => {
      await turn();
      return give(given);
    };
    assert.equal(await m.withLock(ctx, slow), ctx);
    assert.ok(m.tryLock());
    m.unlock();
    const fail = (): never => {
      throw new Error("sync");
    };
    await assert.rejects(m.withLock(ctx, fail), /sync/);
    await assert.rejects(
      m.withLock(ctx, async () => fail()),
      /sync/,
    );
    let ran = false;
    await assert.rejects(
      m.withLock(canceled(), () => (ran = true)),
      { name: "AbortError" },
    );
    assert.equal(ran, false);
    // Released inside already: what follows is another's.
    await m.withLock(ctx, () => {
      m.unlock();
      assert.ok(m.tryLock());
    });
    assert.equal(m.tryLock(), undefined);
    m.unlock();
  });

  test("a wait leaves nothing on its context when it is over", async () => {
    const m = new Mutex();
    using ctx = withCancel(background);
    const guard = await m.lock(ctx);
    const waits = [m.lock(ctx), m.lock(ctx)];
    guard[Symbol.dispose]();
    (await waits[0])![Symbol.dispose]();
    (await waits[1])![Symbol.dispose]();
    assert.deepEqual([nodeOf(ctx).core.firstWaiter, nodeOf(ctx).core.lastWaiter], [null, null]);
  });

  test("what is no context is refused", () => {
    // @ts-expect-error the context is required
    assert.throws(() => new Mutex().lock(), TypeError);
  });

  test("as Go's TestMutexFairness: a task that locks again and again does not keep another out", async () => {
    const m = new Mutex();
    let stop = false;
    const greedy = (async () => {
      while (!stop) {
        await m.lock(background);
        await Promise.resolve();
        m.unlock();
      }
    })();
    for (let i = 0; i < 10; i++) {
      await m.lock(background);
      m.unlock();
    }
    stop = true;
    await greedy;
  });

  test("128, 129: the hook for a test kit sees waits, hand-overs and releases, and no failed tryLock", async () => {
    const seen: string[] = [];
    const waiters = new Map<object, number>();
    const number = (waiter: object): number => waiters.get(waiter) ?? waiters.set(waiter, waiters.size).size - 1;
    const hook: Hook = {
      ...silent,
      parked: (_, waiter) => void seen.push(`parked ${number(waiter)}`),
      taken: (_lock, _guard, waiter) => void seen.push(`taken ${waiter === null ? "at once" : number(waiter)}`),
      released: (_, guard) => void seen.push(guard === null ? "unlocked" : "released"),
    };
    install(hook);
    try {
      const m = new Mutex();
      const first = await m.lock(background);
      assert.equal(m.tryLock(), undefined);
      const next = m.lock(background);
      first[Symbol.dispose]();
      await next;
      m.unlock();
    } finally {
      install(null);
    }
    assert.deepEqual(seen, ["taken at once", "parked 0", "released", "taken 0", "unlocked"]);
  });

  test("the same guard never serves two turns", async () => {
    const m = new Mutex();
    const guards = new Set<Guard>();
    for (let i = 0; i < 100; i++) {
      using guard = await m.lock(background);
      guards.add(guard);
    }
    assert.equal(guards.size, 100);
    const waiting = watch(m.lock(background));
    await turn();
    for (const guard of guards) guard[Symbol.dispose]();
    assert.equal(waiting.state, "done");
    assert.equal(m.tryLock(), undefined);
  });
});
