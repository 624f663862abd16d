import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { is } from "../errors/index.ts";
import {
  Canceled,
  type CancelCtx,
  type Ctx,
  DeadlineExceeded,
  afterDone,
  background,
  ctxKey,
  fromSignal,
  sleep,
  timeLeftMs,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
  withoutCancel,
} from "./index.ts";
import { timers, done, collected } from "./testing/observe.ts";

describe("background", () => {
  test("82: is never done, has no deadline and no values", () => {
    assert.deepEqual([background.err, background.cause, background.deadline], [undefined, undefined, undefined]);
    assert.equal(background.signal.aborted, false);
    assert.equal(background.get(ctxKey("k")), undefined);
    assert.equal(timeLeftMs(background), Infinity);
    background.throwIfDone();
  });
});

describe("withCancel", () => {
  test("83: cancel reaches all descendants before it returns", () => {
    const root = withCancel(background);
    const all: Ctx[] = [root];
    for (let i = 0; i < 200; i++) {
      const parent = all[(i * 7) % all.length]!;
      all.push(
        i % 3 === 0
          ? withValue(parent, ctxKey<number>("k"), i)
          : i % 3 === 1
            ? withCancel(parent)
            : withTimeout(parent, 60_000),
      );
    }
    assert.ok(all.every((ctx) => ctx.err === undefined));
    root.cancel("why");
    for (const ctx of all) {
      assert.ok(ctx.err instanceof Canceled);
      assert.equal(ctx.err, root.err);
      assert.equal(ctx.cause, "why");
      assert.throws(
        () => ctx.throwIfDone(),
        (thrown) => thrown === root.err,
      );
    }
  });

  test("83: whoever is woken sees the whole tree done", () => {
    const root = withCancel(background);
    const [a, b] = [withCancel(root), withCancel(root)];
    const seen: unknown[] = [];
    for (const ctx of [root, a, b])
      ctx.signal.addEventListener("abort", () => seen.push([root, a, b].every((each) => each.err !== undefined)));
    root.cancel();
    assert.deepEqual(seen, [true, true, true]);
  });

  test("84: cancelling a child leaves the parent and its siblings alone", () => {
    const parent = withCancel(background);
    const [a, b, c] = [withCancel(parent), withCancel(parent), withCancel(parent)];
    b.cancel();
    assert.deepEqual([parent.err, a.err, c.err], [undefined, undefined, undefined]);
    parent.cancel("later");
    assert.deepEqual([a.cause, c.cause], ["later", "later"]);
    assert.notEqual(b.cause, "later");
  });

  test("84: a child that has ended is not held by its parent", async () => {
    const parent = withCancel(background);
    const ended = (): WeakRef<object> => {
      using child = withTimeout(parent, 60_000);
      return new WeakRef(child);
    };
    const refs = Array.from({ length: 100 }, ended);
    await collected(refs);
    assert.equal(parent.err, undefined);
  });

  test("85: descendants are reached through value nodes", () => {
    const parent = withCancel(background);
    let ctx: Ctx = parent;
    for (let i = 0; i < 10; i++) ctx = withValue(ctx, ctxKey<number>("k"), i);
    const child = withCancel(ctx);
    parent.cancel();
    assert.equal(ctx.err, parent.err);
    assert.equal(child.err, parent.err);
  });

  test("86: a child of a parent that is done is done at once, with its err and cause", () => {
    const parent = withCancel(background);
    parent.cancel("gone");
    for (const child of [
      withCancel(parent),
      withTimeout(parent, 1000),
      withDeadline(parent, Date.now() - 1),
      withValue(parent, ctxKey<number>("k"), 1),
      withCancel(withValue(parent, ctxKey<number>("k"), 1)),
    ]) {
      assert.equal(child.err, parent.err);
      assert.equal(child.cause, "gone");
      assert.equal(child.signal.aborted, true);
    }
    const expired = withTimeout(background, 0, { cause: "slow" });
    const child = withCancel(expired);
    child.cancel("no more");
    assert.equal(child.err, expired.err);
    assert.equal(child.cause, "slow");
  });

  test("87: the first cancel decides", () => {
    const ctx = withCancel(background);
    ctx.cancel("first");
    const { err } = ctx;
    ctx.cancel("second");
    ctx[Symbol.dispose]();
    assert.deepEqual([ctx.err, ctx.cause], [err, "first"]);
  });

  test("88: err is Canceled or DeadlineExceeded and stays the same object", () => {
    const canceled = withCancel(background);
    const expired = withTimeout(background, 0);
    canceled.cancel();
    assert.ok(canceled.err instanceof Canceled && is(canceled.err, "canceled"));
    assert.ok(expired.err instanceof DeadlineExceeded && is(expired.err, "deadline_exceeded"));
    for (const ctx of [canceled, expired]) assert.equal(ctx.err, ctx.err);
    assert.equal(withCancel(canceled).err, canceled.err);
  });

  test("94: the cause of a live context is undefined; without one it is err", () => {
    const ctx = withCancel(background);
    assert.equal(ctx.cause, undefined);
    ctx.cancel();
    assert.equal(ctx.cause, ctx.err);
    assert.equal(ctx.err!.cause, undefined);
    for (const cause of [null, 0, "", false]) {
      const other = withCancel(background);
      other.cancel(cause);
      assert.equal(other.err!.cause, cause);
    }
  });

  test("97: no parent, a foreign one, or no key throws", () => {
    for (const parent of [undefined, null, {}, new AbortController().signal]) {
      const bad = parent as Ctx;
      const calls = [
        () => withCancel(bad),
        () => withTimeout(bad, 1),
        () => withDeadline(bad, 1),
        () => withoutCancel(bad),
        () => withValue(bad, ctxKey<number>("k"), 1),
        () => afterDone(bad, () => {}),
        () => fromSignal(bad, AbortSignal.abort()),
        () => sleep(bad, 1),
        () => timeLeftMs(bad),
      ];
      for (const call of calls) assert.throws(call, /context: the first parameter must be a Ctx/);
    }
    assert.throws(() => withCancel(background).get(undefined as never), TypeError);
    assert.throws(() => withValue(background, undefined as never, 1), /the key must come from ctxKey/);
  });

  test("99: a tree of 100 contexts cancelled in random order is done, whatever the order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 99, maxLength: 99 }),
        fc.array(fc.nat({ max: 99 }), { maxLength: 100 }),
        (links, order) => {
          const nodes: CancelCtx[] = [withCancel(background)];
          const parents = [-1];
          for (const link of links) {
            parents.push(link % nodes.length);
            nodes.push(withCancel(nodes[link % nodes.length]!));
          }
          const ended = new Set<number>();
          for (const index of order) {
            nodes[index]!.cancel(index);
            // What must have ended: the node, and whoever has an ended ancestor.
            ended.add(index);
            for (const [i, parent] of parents.entries()) if (ended.has(parent)) ended.add(i);
            for (const [i, node] of nodes.entries()) assert.equal(node.err !== undefined, ended.has(i));
          }
        },
      ),
    );
  });

  test("100: cancelling a child inside the reaction to the parent's end runs nothing twice", async () => {
    const parent = withCancel(background);
    const child = withCancel(parent);
    let runs = 0;
    afterDone(child, () => void runs++);
    const inside = afterDone(parent, () => {
      child.cancel("inside");
      parent.cancel("inside");
    });
    parent.signal.addEventListener("abort", () => child.cancel("in the event"));
    parent.cancel("outside");
    await done(child);
    assert.deepEqual([runs, child.cause, parent.cause, inside()], [1, "outside", "outside", false]);
  });

  test("103: both errors are named as the web platform's", () => {
    assert.equal(new Canceled().name, "AbortError");
    assert.equal(new DeadlineExceeded().name, "TimeoutError");
  });

  test("108: leaving a using block cancels, and frees the timer", () => {
    const before = timers();
    const seen: CancelCtx[] = [];
    {
      using a = withCancel(background);
      using b = withTimeout(a, 60_000);
      using c = withTimeout(background, 0);
      seen.push(a, b, c);
      assert.equal(timers(), before + 1);
    }
    assert.ok(
      seen[0]!.err instanceof Canceled && seen[1]!.err instanceof Canceled && seen[2]!.err instanceof DeadlineExceeded,
    );
    assert.equal(timers(), before);
  });
});
