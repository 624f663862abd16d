import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** The second way to release a mutex forgets those who wait. */
export const kernel: Kernel = {
  id: 11,
  name: "release wakes nobody",
  seen: ["DirtyHairy/async-mutex#27"],
  detectors: ["deadlock"],
  buggy: (k) => scenario(k, new Mutex()),
  fixed: (k) => scenario(k, new WakingMutex()),
};

async function scenario(k: Environment, mutex: Mutex): Promise<void> {
  let done = 0;
  const work = async (before: number): Promise<void> => {
    await calls(k, before);
    await mutex.acquire();
    try {
      await k.io();
      done++;
    } finally {
      mutex.release();
    }
  };
  await Promise.all([work(0), work(3), work(6)]);
  assert.equal(done, 3);
}

class Mutex {
  locked = false;
  readonly waiting: (() => void)[] = [];

  async acquire(): Promise<void> {
    if (this.locked) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.locked = true;
  }

  release(): void {
    this.locked = false;
  }
}

class WakingMutex extends Mutex {
  override release(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.locked = false;
    else next();
  }
}
