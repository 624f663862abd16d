import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { done, handOff, ready } from "./budget.ts";

describe("hand-offs", () => {
  test("30: any number of them in one turn arrive, in order, and let others in between", async () => {
    const order: number[] = [];
    let turned = false;
    setImmediate(() => (turned = true));
    const all = Array.from({ length: 10_000 }, (_, i) =>
      (i % 3 === 0 ? ready(i) : i % 3 === 1 ? done() : new Promise<number>((resolve) => handOff(resolve, i))).then(() =>
        order.push(i),
      ),
    );
    await Promise.all(all);
    assert.ok(order.every((v, i) => v === i));
    for (const startedAt = performance.now(); !turned;) {
      await done();
      assert.ok(performance.now() - startedAt < 10_000);
    }
  });

  test("who leaves the queue by himself is never held up", async () => {
    for (let i = 0; i < 2000; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      let woken = false;
      void new Promise<number>((resolve) => handOff(resolve, i)).then(() => (woken = true));
      await Promise.resolve();
      await Promise.resolve();
      assert.ok(woken);
    }
  });

  test("30: slow steps give way after a few of them", async () => {
    let turned = false;
    setImmediate(() => (turned = true));
    let steps = 0;
    for (; !turned; steps++) {
      const until = performance.now() + 0.1;
      while (performance.now() < until);
      await done();
    }
    assert.ok(steps <= 300, `${steps} steps of 0.1 ms`);
  });
});
