import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A lock gives itself back when the promise of its function settles; a function that throws at once has none. */
export const kernel: Kernel = {
  id: 10,
  name: "lock kept after a synchronous throw",
  seen: ["rogierschouten/async-lock#51", "aermin/web-locks#42"],
  detectors: ["deadlock"],
  buggy: (k) => scenario(k, new Lock()),
  fixed: (k) => scenario(k, new SafeLock()),
};

async function scenario(k: Environment, lock: Lock): Promise<void> {
  let stock = 0;
  let sold = 0;
  const deliver = async (): Promise<void> => {
    await calls(k, 2);
    await lock.run(async () => {
      stock += 2;
      await k.io();
    });
  };
  const sell = async (before: number): Promise<void> => {
    await calls(k, before);
    await lock.run(() => {
      if (stock === 0) throw new Error("sold out");
      stock--;
      return k.io(sold++).then(() => undefined);
    });
  };
  const results = await Promise.allSettled([deliver(), sell(5), sell(9)]);
  const refused = results.filter(({ status }) => status === "rejected").length;
  assert.equal(sold + refused, 2);
}

class Lock {
  #tail: Promise<unknown> = Promise.resolve();

  async run(fn: () => Promise<void>): Promise<void> {
    const ahead = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    await ahead;
    await this.call(fn, resolve);
  }

  call(fn: () => Promise<void>, unlock: () => void): Promise<void> {
    return fn().finally(unlock);
  }
}

class SafeLock extends Lock {
  override async call(fn: () => Promise<void>, unlock: () => void): Promise<void> {
    try {
      await fn();
    } finally {
      unlock();
    }
  }
}
