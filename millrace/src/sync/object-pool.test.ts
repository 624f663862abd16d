import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { collected, timers } from "../context/testing/observe.ts";
import { install } from "../runtime/hook.ts";
import { silent } from "../runtime/testing/silent.ts";
import { ObjectPool } from "./index.ts";
import { reason } from "./testing/settle.ts";

interface Item {
  id: number;
}

function counting(): () => Item {
  let id = 0;
  return () => ({ id: ++id });
}

describe("ObjectPool", () => {
  for (const options of [
    { maxIdle: -1 },
    { maxIdle: 1.5 },
    { maxIdle: NaN },
    { sweepMs: 0 },
    { sweepMs: 2 ** 31 },
    { sweepMs: NaN },
  ]) {
    test(`${JSON.stringify(options)} is refused`, () => {
      assert.throws(() => new ObjectPool(counting(), options), RangeError);
    });
  }

  test("150: an empty pool creates, or has nothing to give", () => {
    const pool = new ObjectPool(counting());
    assert.deepEqual([pool.get(), pool.get()], [{ id: 1 }, { id: 2 }]);
    const bare = new ObjectPool<Item | undefined>();
    assert.equal(bare.get(), undefined);
    bare.put({ id: 7 });
    assert.deepEqual([bare.get(), bare.get()], [{ id: 7 }, undefined]);
    // @ts-expect-error without create a pool may have nothing to give
    assert.equal(new ObjectPool<Item>().get(), undefined);
  });

  test("151: what was put may be got, once", () => {
    const pool = new ObjectPool(counting());
    const items = [pool.get(), pool.get(), pool.get()];
    for (const item of items) pool.put(item);
    assert.equal(pool.idle, 3);
    const again = [pool.get(), pool.get(), pool.get()];
    assert.deepEqual(new Set(again), new Set(items));
    assert.deepEqual([pool.idle, pool.get().id], [0, 4]);
  });

  test("152: it keeps maxIdle items and drops the rest", () => {
    const pool = new ObjectPool(counting(), { maxIdle: 2 });
    for (const id of [11, 12, 13]) pool.put({ id });
    assert.equal(pool.idle, 2);
    const none = new ObjectPool(counting(), { maxIdle: 0 });
    none.put({ id: 11 });
    assert.deepEqual([none.idle, none.get().id], [0, 1]);
  });

  test("152: what nobody gets during two sweeps is dropped, what is got is not", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const pool = new ObjectPool(counting(), { sweepMs: 1000 });
    pool.put({ id: 11 });
    pool.put({ id: 12 });
    t.mock.timers.tick(1000);
    assert.equal(pool.idle, 2);
    const used = pool.get();
    pool.put(used);
    t.mock.timers.tick(1000);
    assert.deepEqual([pool.idle, pool.get()], [1, used]);
    pool.put(used);
    t.mock.timers.tick(2000);
    assert.equal(pool.idle, 0);
    pool.put(used);
    t.mock.timers.tick(1000);
    assert.equal(pool.idle, 1);
    t.mock.timers.tick(1000);
    assert.equal(pool.idle, 0);
  });

  test("152: sweeping keeps no process alive", () => {
    const before = timers();
    const pool = new ObjectPool(counting());
    pool.put(pool.get());
    assert.equal(timers(), before);
  });

  test("152: it keeps no reference to an item that was got", async () => {
    const pool = new ObjectPool(counting());
    const refs = Array.from({ length: 10 }, () => {
      const item = pool.get();
      pool.put(item);
      return new WeakRef<object>(pool.get());
    });
    await collected(refs);
    assert.equal(pool.idle, 0);
  });

  test("153: while a test watches, a double put throws", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const pool = new ObjectPool(counting(), { sweepMs: 1000 });
    const item = pool.get();
    install(silent);
    try {
      pool.put(item);
      assert.throws(() => pool.put(item), reason("sync/double_put"));
      t.mock.timers.tick(1000);
      assert.throws(() => pool.put(item), reason("sync/double_put"));
      assert.equal(pool.get(), item);
      pool.put(item);
    } finally {
      install(null);
    }
    assert.equal(pool.idle, 1);
  });

  test("154: use puts the item back after a result, a throw and a rejection", async () => {
    const pool = new ObjectPool(counting());
    assert.equal(await pool.use((item) => [item.id, pool.idle].join()), "1,0");
    assert.equal(pool.idle, 1);
    const fail = (): never => {
      throw new Error("boom");
    };
    await assert.rejects(pool.use(fail), /boom/);
    await assert.rejects(
      pool.use(async () => fail()),
      /boom/,
    );
    assert.deepEqual([pool.idle, pool.get().id], [1, 1]);
  });
});
