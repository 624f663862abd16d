import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import {
  Canceled,
  afterDone,
  background,
  ctxKey,
  fromSignal,
  sleep,
  withCancel,
  withTimeout,
  withValue,
} from "./index.ts";

describe("fromSignal", () => {
  test("ends with the signal, whose reason is the cause", () => {
    const controller = new AbortController();
    const ctx = fromSignal(background, controller.signal);
    ctx.throwIfDone();
    controller.abort("why");
    assert.ok(ctx.err instanceof Canceled);
    assert.equal(ctx.cause, "why");
    assert.equal(fromSignal(background, controller.signal).cause, "why");
  });

  test("its listener goes when the context ends, however it does", () => {
    const { signal } = new AbortController();
    const count = (): number => getEventListeners(signal, "abort").length;
    const parent = withCancel(background);
    {
      using _a = fromSignal(background, signal);
      fromSignal(parent, signal);
      assert.equal(count(), 2);
    }
    assert.equal(count(), 1);
    parent.cancel();
    assert.equal(count(), 0);
    fromSignal(parent, signal);
    assert.equal(count(), 0);
  });

  test("10,000 contexts on one signal leave nothing behind", () => {
    const { signal } = new AbortController();
    for (let i = 0; i < 10_000; i++) {
      using _ = fromSignal(background, signal);
    }
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
});

describe("ctx.signal", () => {
  test("105: is made once, aborted when done, its reason is err and err's cause the cause", () => {
    const ctx = withCancel(background);
    const { signal } = ctx;
    assert.equal(ctx.signal, signal);
    assert.equal(withValue(ctx, ctxKey<number>("k"), 1).signal, signal);
    assert.equal(signal.aborted, false);
    ctx.cancel("why");
    assert.equal(signal.aborted, true);
    assert.equal(signal.reason, ctx.err);
    assert.equal((signal.reason as Error).cause, "why");
    const late = withCancel(ctx);
    assert.equal(late.signal.reason, ctx.err);
  });

  test("105: a child's signal aborts with its parent, for the parent's reason", async () => {
    const parent = withTimeout(background, 10);
    const { signal } = withCancel(parent);
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
    });
    assert.equal(signal.reason, parent.err);
    assert.equal((signal.reason as Error).name, "TimeoutError");
  });

  test("105: what takes a signal rejects with err", async () => {
    const { setTimeout: wait } = await import("node:timers/promises");
    const ctx = withCancel(background);
    const waiting = wait(60_000, undefined, { signal: ctx.signal });
    ctx.cancel("why");
    await assert.rejects(waiting, (err: Error) => err.name === "AbortError" && err.cause === ctx.err);
  });

  test("106: no AbortController is made until it is read", async () => {
    const Native = globalThis.AbortController;
    let made = 0;
    globalThis.AbortController = class extends Native {
      constructor() {
        super();
        made++;
      }
    };
    try {
      const parent = withCancel(background);
      const child = withTimeout(withValue(parent, ctxKey<number>("k"), 1), 60_000);
      afterDone(child, () => {});
      const sleeping = sleep(child, 60_000);
      parent.cancel();
      await assert.rejects(sleeping, Canceled);
      assert.equal(made, 0);
      assert.equal(child.signal.aborted, true);
      assert.equal(made, 1);
    } finally {
      globalThis.AbortController = Native;
    }
  });
});
