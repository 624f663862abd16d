import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Ctx,
  background,
  ctxKey,
  sleep,
  todo,
  withCancel,
  withTimeout,
  withValue,
  withoutCancel,
} from "./index.ts";
import { nodeOf } from "./node.ts";

const key = ctxKey<number>("k");

describe("done", () => {
  test("is the same object each time, that of the nearest context that can end", () => {
    const ctx = withCancel(background);
    for (const each of [ctx, background, withoutCancel(ctx)]) assert.equal(each.done, each.done);
    assert.equal(withValue(ctx, key, 1).done, ctx.done);
    assert.equal(background.done, todo.done);
    assert.notEqual(withCancel(ctx).done, ctx.done);
  });
});

describe("todo", () => {
  test("82: is a background of its own", () => {
    assert.notEqual(todo, background);
    assert.deepEqual(
      [todo.err, todo.cause, todo.deadline, todo.get(key)],
      [undefined, undefined, undefined, undefined],
    );
    todo.throwIfDone();
    const child = withCancel(todo);
    child.cancel("why");
    assert.deepEqual([child.cause, todo.err], ["why", undefined]);
  });
});

// Source: TestCause of Go's context package.
describe("cause", () => {
  const [a, b] = [new Error("parent"), new Error("child")];
  const cases: { name: string; want: unknown; ctx: () => Ctx }[] = [
    { name: "parent with a cause, child under it", want: a, ctx: () => withCancel(canceled(a)) },
    { name: "parent first, child later", want: a, ctx: () => both("parent") },
    { name: "child first, parent later", want: b, ctx: () => both("child") },
    { name: "through a value", want: a, ctx: () => withCancel(withValue(canceled(a), key, 1)) },
    { name: "a timeout under a canceled one", want: a, ctx: () => withTimeout(canceled(a), -1, { cause: b }) },
    { name: "a passed timeout", want: b, ctx: () => withTimeout(background, 0, { cause: b }) },
    { name: "withoutCancel of a canceled one", want: undefined, ctx: () => withoutCancel(canceled(a)) },
    { name: "under withoutCancel", want: undefined, ctx: () => withCancel(withoutCancel(canceled(a))) },
    { name: "withoutCancel twice", want: undefined, ctx: () => withoutCancel(withoutCancel(canceled(a))) },
  ];
  for (const { name, want, ctx } of cases) test(`94, 95: ${name}`, () => assert.equal(ctx().cause, want));

  function canceled(cause: unknown): Ctx {
    const ctx = withCancel(background);
    ctx.cancel(cause);
    return ctx;
  }

  function both(first: "parent" | "child"): Ctx {
    const parent = withCancel(background);
    const child = withCancel(parent);
    if (first === "parent") parent.cancel(a);
    child.cancel(b);
    parent.cancel(a);
    return child;
  }
});

// The milliseconds are given and not read off a clock that goes on: a slow machine sets no deadline that has passed.
describe("deadlines that move", () => {
  test("a timeout is not moved by the wall clock", async () => {
    const real = Date.now;
    const ctx = withTimeout(background, 10);
    try {
      Date.now = () => real() - 3_600_000;
      await new Promise<void>((resolve) => ctx.signal.addEventListener("abort", () => resolve()));
      assert.equal(ctx.err!.code, "deadline_exceeded");
    } finally {
      Date.now = real;
    }
  });

  test("one that was put off by whoever watches it now does not end the context", async () => {
    const node = nodeOf(withCancel(background)).core;
    node.expireIn(2, Date.now() + 2, "early");
    node.deadlineAt = Date.now() + 60_000;
    await sleep(background, 8);
    assert.equal(node.err, undefined);
  });

  test("one that was put off does not come too early, one that was brought forward comes once", async () => {
    const node = nodeOf(withCancel(background)).core;
    const now = Date.now();
    node.expireIn(2, now + 2, "early");
    node.deadlineAt = Infinity;
    node.expireIn(15, now + 15, "late");
    node.expireIn(10, now + 10, "in between");
    await new Promise<void>((resolve) => node.signal.addEventListener("abort", () => resolve()));
    assert.equal(node.cause, "in between");
  });
});
