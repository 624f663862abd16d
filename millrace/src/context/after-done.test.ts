import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Waiter, unlink } from "../runtime/waiter.ts";
import { afterDone, background, withCancel } from "./index.ts";
import { nodeOf, park } from "./node.ts";

describe("afterDone", () => {
  test("runs once, in a microtask, also when the context is done already", async () => {
    const ctx = withCancel(background);
    const calls: string[] = [];
    afterDone(ctx, () => calls.push("before"));
    ctx.cancel();
    afterDone(ctx, () => calls.push("after"));
    assert.deepEqual(calls, []);
    await Promise.resolve();
    assert.deepEqual(calls, ["before", "after"]);
  });

  test("102: stop takes the registration back, once", async () => {
    const ctx = withCancel(background);
    const node = nodeOf(ctx).core;
    let calls = 0;
    const stop = afterDone(ctx, () => calls++);
    {
      using _ = afterDone(ctx, () => calls++);
      assert.notEqual(node.firstWaiter, null);
    }
    assert.deepEqual([stop(), stop()], [true, false]);
    assert.deepEqual([node.firstWaiter, node.lastWaiter], [null, null]);
    ctx.cancel();
    await Promise.resolve();
    assert.equal(calls, 0);
  });

  test("stop after the end says that it came too late, or in time to prevent the call", async () => {
    const ctx = withCancel(background);
    let calls = 0;
    const stop = afterDone(ctx, () => calls++);
    ctx.cancel();
    // The call is on its way and cannot be taken back.
    assert.equal(stop(), false);
    await Promise.resolve();
    assert.equal(calls, 1);
  });

  test("never runs under background", () => {
    const stop = afterDone(background, () => assert.fail());
    assert.equal(stop(), true);
  });
});

describe("waiters", () => {
  class Counter extends Waiter {
    woken = 0;
    readonly host2: unknown[] = [];
    wake(host: unknown): void {
      this.woken++;
      this.host2.push(host);
    }
  }

  test("are woken once, oldest first, with the context that ended", () => {
    const ctx = withCancel(background);
    const order: number[] = [];
    class Numbered extends Waiter {
      readonly n: number;
      constructor(n: number) {
        super();
        this.n = n;
      }
      wake(host: unknown): void {
        assert.equal(host, nodeOf(ctx).core);
        order.push(this.n);
      }
    }
    for (let n = 0; n < 10; n++) park(nodeOf(ctx), new Numbered(n));
    ctx.cancel();
    ctx.cancel();
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("random parks, unlinks and the end agree with a list", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -30, max: 30 }), { maxLength: 60 }), (steps) => {
        const ctx = withCancel(background);
        const all: Counter[] = [];
        let parked: Counter[] = [];
        for (const step of steps) {
          if (step >= 0 || all.length === 0) {
            const waiter = new Counter();
            all.push(waiter);
            parked.push(waiter);
            park(nodeOf(ctx), waiter);
          } else {
            const waiter = all[-step % all.length]!;
            assert.equal(unlink(waiter), parked.includes(waiter));
            parked = parked.filter((each) => each !== waiter);
          }
        }
        const node = nodeOf(ctx).core;
        const linked: Waiter[] = [];
        for (let w = node.firstWaiter; w !== null; w = w.after) linked.push(w);
        assert.deepEqual(linked, parked);
        assert.equal(node.lastWaiter, parked.at(-1) ?? null);
        ctx.cancel();
        for (const waiter of all) assert.equal(waiter.woken, parked.includes(waiter) ? 1 : 0);
      }),
    );
  });

  test("a waiter on background is linked nowhere", () => {
    const waiter = new Counter();
    park(nodeOf(background), waiter);
    assert.equal(waiter.host, null);
    assert.equal(unlink(waiter), false);
  });
});
