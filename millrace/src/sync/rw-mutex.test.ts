import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { background, withCancel } from "../context/index.ts";
import { install } from "../runtime/hook.ts";
import { silent } from "../runtime/testing/silent.ts";
import { RWMutex } from "./index.ts";
import { lockLike } from "./testing/lock-like.ts";
import { canceled, reason, states, turn, watch } from "./testing/settle.ts";

lockLike("RWMutex", () => new RWMutex());

describe("RWMutex", () => {
  test("130: many readers together, a writer alone", async () => {
    const rw = new RWMutex();
    const readers = await Promise.all([rw.rlock(background), rw.rlock(background), rw.rlock(background)]);
    const writer = watch(rw.lock(background));
    for (const reader of readers) {
      await turn();
      assert.equal(writer.state, "pending");
      reader[Symbol.dispose]();
    }
    await turn();
    assert.equal(writer.state, "done");
    const others = [rw.rlock(background), rw.lock(background)].map(watch);
    await turn();
    assert.deepEqual(states(others), ["pending", "pending"]);
  });

  test("131: tryRLock beside readers and a writer, tryLock beside anyone", () => {
    const rw = new RWMutex();
    const reader = rw.tryRLock()!;
    assert.ok(rw.tryRLock());
    assert.equal(rw.tryLock(), undefined);
    rw.runlock();
    reader[Symbol.dispose]();
    assert.ok(rw.tryLock());
    assert.equal(rw.tryRLock(), undefined);
    assert.equal(rw.tryLock(), undefined);
    rw.unlock();
    assert.ok(rw.tryRLock());
  });

  test("132: a writer that waits keeps new readers out, until it has had its turn or leaves", async () => {
    const rw = new RWMutex();
    const reader = await rw.rlock(background);
    const ctx = withCancel(background);
    const writer = watch(rw.lock(ctx));
    const late = watch(rw.rlock(background));
    assert.equal(rw.tryRLock(), undefined);
    await turn();
    assert.deepEqual(states([writer, late]), ["pending", "pending"]);
    ctx.cancel();
    await turn();
    assert.deepEqual(states([writer, late]), ["failed", "done"]);
    assert.ok(rw.tryRLock());
    rw.runlock();
    reader[Symbol.dispose]();
    rw.runlock();
    assert.ok(rw.tryLock());
  });

  test("132: of two writers that wait, one leaves, and readers are still kept out", async () => {
    const rw = new RWMutex();
    const reader = await rw.rlock(background);
    const ctx = withCancel(background);
    const all = [rw.lock(ctx), rw.lock(background), rw.rlock(background)].map(watch);
    ctx.cancel();
    await turn();
    assert.deepEqual(states(all), ["failed", "pending", "pending"]);
    reader[Symbol.dispose]();
    await turn();
    assert.deepEqual(states(all), ["failed", "done", "pending"]);
    rw.unlock();
    await turn();
    assert.deepEqual(states(all), ["failed", "done", "done"]);
  });

  test("133: after a writer all readers that came meanwhile enter, before the next writer", async () => {
    const rw = new RWMutex();
    const writer = await rw.lock(background);
    const ctx = withCancel(background);
    const all = [
      rw.lock(background),
      rw.rlock(background),
      rw.lock(background),
      rw.rlock(ctx),
      rw.rlock(background),
    ].map(watch);
    ctx.cancel();
    writer[Symbol.dispose]();
    await turn();
    assert.deepEqual(states(all), ["pending", "done", "pending", "failed", "done"]);
    assert.equal(rw.tryRLock(), undefined);
    all[1]!.value![Symbol.dispose]();
    all[4]!.value![Symbol.dispose]();
    await turn();
    assert.deepEqual(states(all.slice(0, 3)), ["done", "done", "pending"]);
  });

  test("135: what is not locked, or not so, is not unlocked", async () => {
    const rw = new RWMutex();
    const unlock = reason("sync/unlock_of_unlocked");
    const runlock = reason("sync/runlock_of_unlocked");
    assert.throws(() => rw.unlock(), unlock);
    assert.throws(() => rw.runlock(), runlock);
    await rw.rlock(background);
    assert.throws(() => rw.unlock(), unlock);
    rw.runlock();
    assert.throws(() => rw.runlock(), runlock);
    await rw.lock(background);
    assert.throws(() => rw.runlock(), runlock);
    rw.unlock();
    assert.throws(() => rw.unlock(), unlock);
    const guard = rw.tryLock();
    assert.ok(guard);
  });

  test("124: a reader's guard releases once, and none of a later turn", async () => {
    const rw = new RWMutex();
    const a = await rw.rlock(background);
    const b = await rw.rlock(background);
    a[Symbol.dispose]();
    a[Symbol.dispose]();
    assert.equal(rw.tryLock(), undefined);
    b[Symbol.dispose]();
    const stale = await rw.rlock(background);
    rw.runlock();
    const reader = await rw.rlock(background);
    stale[Symbol.dispose]();
    assert.equal(rw.tryLock(), undefined);
    reader[Symbol.dispose]();
    const writer = rw.tryLock()!;
    for (const guard of [a, b, stale, reader]) guard[Symbol.dispose]();
    assert.equal(rw.tryRLock(), undefined);
    writer[Symbol.dispose]();
    const last = rw.tryRLock()!;
    writer[Symbol.dispose]();
    assert.equal(rw.tryLock(), undefined);
    last[Symbol.dispose]();
    assert.ok(rw.tryLock());
  });

  test("124: where a test watches, runlock never takes the share of a using's guard", async () => {
    const runlock = reason("sync/runlock_of_unlocked");
    install(silent);
    try {
      const rw = new RWMutex();
      {
        using _one = await rw.rlock(background);
        using _other = await rw.rlock(background);
        assert.throws(() => rw.runlock(), runlock);
        const both = await rw.rlock(background);
        rw.runlock();
        both[Symbol.dispose]();
        both[Symbol.dispose]();
        assert.throws(() => rw.runlock(), runlock);
        assert.equal(rw.tryLock(), undefined);
      }
      const stale = rw.tryRLock()!;
      rw.runlock();
      rw.tryRLock();
      stale[Symbol.dispose]();
      assert.equal(rw.tryLock(), undefined);
      rw.runlock();
      rw.tryLock()![Symbol.dispose]();
    } finally {
      install(null);
    }
  });

  test("121: readers that use guards and readers that use runlock do not disturb each other", async () => {
    const rw = new RWMutex();
    const first = await rw.rlock(background);
    await rw.rlock(background);
    const last = await rw.rlock(background);
    rw.runlock();
    last[Symbol.dispose]();
    assert.equal(rw.tryLock(), undefined);
    first[Symbol.dispose]();
    assert.ok(rw.tryLock());
  });

  test("a done context reads nothing, also when the lock is free", async () => {
    const rw = new RWMutex();
    const ctx = canceled();
    await assert.rejects(rw.rlock(ctx), (err) => err === ctx.err);
    assert.ok(rw.tryLock());
  });

  test("a cancel that lets readers in lets none of its own in", async () => {
    const rw = new RWMutex();
    await rw.rlock(background);
    const ctx = withCancel(background);
    const waits = [rw.lock(ctx), rw.rlock(ctx), rw.rlock(withCancel(ctx)), rw.rlock(background)].map(watch);
    ctx.cancel();
    await turn();
    assert.deepEqual(states(waits), ["failed", "failed", "failed", "done"]);
    rw.runlock();
    rw.runlock();
    assert.ok(rw.tryLock());
  });

  test("125: withLock and withRLock release, whatever happens", async () => {
    const rw = new RWMutex();
    const fail = async (): Promise<never> => {
      throw new Error("inside");
    };
    assert.equal(await rw.withLock(background, () => rw.tryRLock()), undefined);
    assert.equal(await rw.withRLock(background, (ctx) => [rw.tryLock(), ctx === background][1]), true);
    await assert.rejects(rw.withLock(background, fail), /inside/);
    await assert.rejects(rw.withRLock(background, fail), /inside/);
    assert.ok(rw.tryLock());
  });

  test("136, 138, 250: readers and writers never mix, and what a writer wrote is read, under random cancels", async () => {
    const task = fc.record({ write: fc.boolean(), hops: fc.nat(4), cancel: fc.nat(25), start: fc.nat(6) });
    await fc.assert(
      fc.asyncProperty(fc.array(task, { maxLength: 40 }), async (tasks) => {
        const rw = new RWMutex();
        // As in Go's test: 1 for each reader, 10,000 for each writer.
        let activity = 0;
        let [written, torn] = [0, 0];
        const hop = async (n: number): Promise<void> => {
          for (let i = 0; i < n; i++) await Promise.resolve();
        };
        const work = async ({ write, hops, cancel, start }: (typeof tasks)[number]): Promise<void> => {
          await hop(start);
          const ctx = withCancel(background);
          void hop(cancel).then(() => ctx.cancel());
          const guard = await (write ? rw.lock(ctx) : rw.rlock(ctx)).catch(() => undefined);
          if (guard === undefined) return;
          activity += write ? 10_000 : 1;
          assert.ok(write ? activity === 10_000 : activity < 10_000, `activity ${activity}`);
          if (write) torn++;
          await hop(hops);
          if (write) written++;
          assert.equal(torn, written);
          activity -= write ? 10_000 : 1;
          guard[Symbol.dispose]();
        };
        await Promise.all(tasks.map(work));
        assert.equal(activity, 0);
        assert.ok(rw.tryLock());
      }),
      { numRuns: 300 },
    );
  });
});
