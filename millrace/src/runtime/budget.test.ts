import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { done, handOff, ready } from "./budget.ts";
import { useUpSlice } from "./testing/slice.ts";

describe("hand-offs", () => {
  test("30: any number of them in one turn arrive, in order", async () => {
    const order: number[] = [];
    const all = Array.from({ length: 10_000 }, (_, i) =>
      (i % 3 === 0 ? ready(i) : i % 3 === 1 ? done() : new Promise<number>((resolve) => handOff(resolve, i))).then(() =>
        order.push(i),
      ),
    );
    await Promise.all(all);
    assert.ok(order.every((v, i) => v === i));
  });

  // Counted and not timed: on a slow machine there are fewer steps in a slice, and never more.
  const loops = {
    "hand-offs": () => new Promise<void>((resolve) => handOff(resolve, undefined)),
    ready: () => ready(1),
    done,
  };
  for (const [name, step] of Object.entries(loops)) {
    test(`30: an endless loop of ${name} starves no timer and no I/O`, async () => {
      let turned = false;
      setImmediate(() => (turned = true));
      for (let steps = 0; !turned; steps++) {
        assert.ok(steps < 1_000_000);
        await step();
      }
    });
  }

  test("30: once the slice is over nobody overtakes those who wait for the next turn", async () => {
    const order: number[] = [];
    useUpSlice();
    for (let i = 0; i < 300; i++) handOff(() => order.push(i), undefined);
    assert.deepEqual(order, []);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      order,
      Array.from({ length: 300 }, (_, i) => i),
    );
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
