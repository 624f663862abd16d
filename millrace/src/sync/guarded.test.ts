import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { background } from "../context/index.ts";
import { Guarded } from "./index.ts";
import { lockLike } from "./testing/lock-like.ts";
import { reason } from "./testing/settle.ts";

lockLike("Guarded", () => new Guarded(0));

describe("Guarded", () => {
  test("the value is read and written while the guard is held, and not after", async () => {
    const balance = new Guarded(100);
    const released = reason("sync/guard_released");
    const guard = await balance.lock(background);
    guard.value -= 30;
    assert.equal(guard.value, 70);
    guard[Symbol.dispose]();
    assert.throws(() => guard.value, released);
    assert.throws(() => (guard.value = 1), released);
    using next = balance.tryLock();
    assert.equal(next!.value, 70);
    assert.throws(() => guard.value, released);
  });

  test("125: withLock gives the held value, and releases whatever happens", async () => {
    const list = new Guarded<string[]>([]);
    const length = await list.withLock(background, (ctx, held) => {
      assert.equal(ctx, background);
      return held.value.push("a");
    });
    assert.equal(length, 1);
    const fail = async (): Promise<never> => {
      throw new Error("inside");
    };
    await assert.rejects(list.withLock(background, fail), /inside/);
    assert.deepEqual(list.tryLock()?.value, ["a"]);
  });

  test("the value has its type", async () => {
    using held = await new Guarded(1).lock(background);
    // @ts-expect-error a string is no number
    held.value = "text";
  });

  test("129: no update is lost", async () => {
    const counter = new Guarded(0);
    const add = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) {
        using held = await counter.lock(background);
        const { value } = held;
        await Promise.resolve();
        held.value = value + 1;
      }
    };
    await Promise.all([add(), add(), add()]);
    assert.equal(counter.tryLock()!.value, 300);
  });
});
