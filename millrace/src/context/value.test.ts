import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ctx, background, ctxKey, withCancel, withTimeout, withValue, withoutCancel } from "./index.ts";
import { collected } from "./testing/observe.ts";

describe("values", () => {
  test("95: withoutCancel keeps the values and nothing else", () => {
    const key = ctxKey<string>("k");
    for (const parent of [
      withCancel(withValue(background, key, "v")),
      withTimeout(withValue(background, key, "v"), 60_000),
    ]) {
      const free = withoutCancel(parent);
      using child = withTimeout(free, 60_000);
      parent.cancel("gone");
      for (const ctx of [free, withoutCancel(parent)]) {
        assert.deepEqual([ctx.err, ctx.cause, ctx.deadline, ctx.get(key)], [undefined, undefined, undefined, "v"]);
        assert.equal(ctx.signal.aborted, false);
      }
      assert.equal(child.err, undefined);
      child.cancel();
    }
  });

  test("96: the nearest wins, others fall through, undefined shadows, keys compare by identity", () => {
    const [a, b, other] = [
      ctxKey<number | undefined>("same"),
      ctxKey<number | undefined>("same"),
      ctxKey<string>("other", "fallback"),
    ];
    const outer = withValue(withCancel(withValue(background, a, 1)), b, 2);
    using timed = withTimeout(outer, 60_000);
    const inner = withValue(timed, a, undefined);
    assert.deepEqual([outer.get(a), outer.get(b), outer.get(other)], [1, 2, "fallback"]);
    assert.deepEqual([inner.get(a), inner.get(b)], [undefined, 2]);
    assert.equal(withValue(inner, other, "set").get(other), "set");
    assert.equal(inner.get(other), "fallback");
    outer.throwIfDone();
  });

  test("96: the key carries the type", () => {
    const key = ctxKey<number>("n", 0);
    const n: number = background.get(key);
    assert.equal(n, 0);
    // @ts-expect-error a string is no number
    withValue(background, key, "text");
    // @ts-expect-error the value may be undefined, where the key has no fallback
    const maybe: number = background.get(ctxKey<number>("m"));
    assert.equal(maybe, undefined);
  });

  test("a chain of 5,000 values is read", () => {
    const keys = Array.from({ length: 5000 }, (_, i) => ctxKey<number>(`k${i}`));
    let ctx: Ctx = background;
    for (const [i, key] of keys.entries()) ctx = withValue(ctx, key, i);
    for (const [i, key] of keys.entries()) assert.equal(ctx.get(key), i);
  });

  test("a value node is linked nowhere: dropping it frees it", async () => {
    const parent = withCancel(background);
    const refs = Array.from({ length: 100 }, () => new WeakRef<object>(withValue(parent, ctxKey<number>("k"), 1)));
    await collected(refs);
    assert.equal(parent.err, undefined);
  });
});
