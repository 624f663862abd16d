import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type CancelCtx,
  type Ctx,
  afterDone,
  background,
  ctxKey,
  withCancel,
  withTimeout,
  withValue,
} from "./index.ts";
import { nodeOf } from "./node.ts";
import { cpuMs, shuffled } from "./testing/observe.ts";

describe("size", () => {
  // Twenty times the work may take a hundred times as long (it leaves the caches), but not four hundred times.
  function assertLinear(work: (n: number) => void): void {
    const cost = (n: number): number => {
      let best = Infinity;
      for (let i = 0; i < 3; i++) {
        const startedAt = cpuMs();
        work(n);
        best = Math.min(best, cpuMs() - startedAt);
      }
      return best;
    };
    work(5000);
    const [small, large] = [cost(5000), cost(100_000)];
    assert.ok(large < 100 * small + 100, `${small} ms for 5,000, ${large} ms for 100,000`);
  }

  test("100,000 waiters on one context are taken off in random order in linear time", () => {
    assertLinear((n) => {
      const ctx = withCancel(background);
      const stops = Array.from({ length: n }, () => afterDone(ctx, () => {}));
      for (const stop of shuffled(stops, 7)) assert.equal(stop(), true);
      assert.equal(nodeOf(ctx).core.firstWaiter, null);
    });
  });

  test("100,000 children of one context are cancelled in random order in linear time", () => {
    assertLinear((n) => {
      const parent = withCancel(background);
      const children = Array.from({ length: n }, () => withCancel(parent));
      for (const child of shuffled(children, 7)) child.cancel();
      assert.equal(parent.err, undefined);
      parent.cancel();
    });
  });

  test("100,000 waits, each under its own context, are cancelled in random order", async () => {
    const parent = withCancel(background);
    const children = Array.from({ length: 100_000 }, () => withCancel(parent));
    let woken = 0;
    for (const child of children) afterDone(child, () => void woken++);
    for (const child of shuffled(children, 3).slice(0, 50_000)) child.cancel();
    await Promise.resolve();
    assert.equal(woken, 50_000);
    parent.cancel();
    await Promise.resolve();
    assert.equal(woken, 100_000);
  });

  test("a chain of 100,000 contexts ends without overflowing the stack, from the top and from the middle", () => {
    const chain: CancelCtx[] = [withCancel(background)];
    for (let i = 0; i < 100_000; i++) chain.push(withCancel(chain.at(-1)!));
    chain[50_000]!.cancel("middle");
    assert.deepEqual([chain[49_999]!.err, chain.at(-1)!.cause], [undefined, "middle"]);
    chain[0]!.cancel("top");
    assert.deepEqual([chain[49_999]!.cause, chain[50_001]!.cause], ["top", "middle"]);
  });

  test("a chain of 100,000 mixed with values ends too", () => {
    const root = withCancel(background);
    const key = ctxKey<number>("k");
    let ctx: Ctx = root;
    for (let i = 0; i < 100_000; i++) ctx = i % 2 === 0 ? withValue(ctx, key, i) : withTimeout(ctx, 60_000 - i / 1000);
    root.cancel("top");
    assert.equal(ctx.cause, "top");
    assert.equal(ctx.get(key), 99_998);
  });

  test("a value lookup through 100,000 contexts does not overflow the stack", () => {
    const key = ctxKey<string>("k");
    let ctx: Ctx = withValue(background, key, "far");
    for (let i = 0; i < 100_000; i++) ctx = withCancel(ctx);
    assert.equal(ctx.get(key), "far");
  });
});
