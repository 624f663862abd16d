import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  Canceled,
  DeadlineExceeded,
  background,
  ctxKey,
  timeLeftMs,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
  withoutCancel,
} from "./index.ts";
import { pendingAlarms } from "../runtime/alarm.ts";
import { nodeOf } from "./node.ts";
import { timers, done } from "./testing/observe.ts";

describe("deadlines", () => {
  test("89: none left is done at once, and a later cancel changes nothing", () => {
    const past = [
      withTimeout(background, 0),
      withTimeout(background, -5),
      withTimeout(background, -Infinity),
      withDeadline(background, Date.now()),
      withDeadline(background, new Date(0)),
    ];
    for (const ctx of past) {
      assert.ok(ctx.err instanceof DeadlineExceeded);
      ctx.cancel("late");
      assert.equal(ctx.cause, ctx.err);
    }
    assert.equal(withTimeout(background, 0, { cause: "slow" }).cause, "slow");
  });

  test("90: a later deadline than the parent's is the parent's, without a timer", () => {
    using parent = withTimeout(background, 60_000);
    const before = timers();
    const children = Array.from({ length: 10 }, (_, i) => withTimeout(parent, 60_000 + 1000 * i + 1));
    assert.equal(timers(), before);
    for (const child of children) assert.equal(child.deadline, parent.deadline);
    parent.cancel();
    assert.ok(children.every((child) => child.err === parent.err));
  });

  test("91: an earlier deadline ends the child alone, not early, and then its descendants", async () => {
    using parent = withTimeout(background, 60_000);
    const at = Date.now() + 25;
    const child = withDeadline(parent, at, { cause: "slow" });
    const below = withTimeout(withValue(child, ctxKey<number>("k"), 1), 60_000);
    assert.deepEqual([child.deadline, below.deadline], [at, at]);
    await done(below);
    assert.ok(Date.now() >= at, `${at - Date.now()} ms early`);
    assert.ok(child.err instanceof DeadlineExceeded);
    assert.deepEqual([below.err, below.cause, parent.err], [child.err, "slow", undefined]);
    assert.equal(timeLeftMs(child), 0);
  });

  test("92: a cancel before the deadline is a cancel, and frees the timer, also those of descendants", () => {
    const [before, alarms] = [timers(), pendingAlarms()];
    const parent = withCancel(background);
    const children = Array.from({ length: 50 }, (_, i) => withTimeout(parent, 10_000 + i));
    assert.equal(pendingAlarms(), alarms + 50);
    for (const child of children.slice(0, 25)) child.cancel();
    assert.equal(pendingAlarms(), alarms + 25);
    parent.cancel();
    assert.deepEqual([timers(), pendingAlarms()], [before, alarms]);
    assert.ok(children.every((child) => child.err instanceof Canceled));
  });

  test("92: a deadline that passes after the cancel, before its alarm is cleared, changes nothing", () => {
    const node = nodeOf(withCancel(background)).core;
    node.cancel("first");
    node.expire("late");
    assert.ok(node.err instanceof Canceled);
    assert.equal(node.cause, "first");
  });

  test("a timer longer than setTimeout can hold does not fire at once", async () => {
    using ctx = withTimeout(background, 2 ** 40);
    await new Promise(setImmediate);
    assert.equal(ctx.err, undefined);
    using never = withTimeout(background, Infinity);
    assert.deepEqual([never.deadline, timeLeftMs(never)], [undefined, Infinity]);
  });

  test("what is no time is refused", () => {
    assert.throws(() => withTimeout(background, NaN), /milliseconds must be a number, not NaN/);
    assert.throws(() => withDeadline(background, new Date(NaN)), /not a time/);
  });

  test("timeLeftMs is what is left of the nearest deadline", () => {
    using ctx = withTimeout(background, 60_000);
    const left = timeLeftMs(withCancel(withValue(ctx, ctxKey<number>("k"), 1)));
    assert.ok(left > 59_000 && left <= 60_000, String(left));
    assert.equal(timeLeftMs(withoutCancel(ctx)), Infinity);
  });
});
