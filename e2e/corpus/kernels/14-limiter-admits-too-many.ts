import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A limiter lowers its count, then wakes the next, who raises it when he comes to run: a newcomer may be faster. */
export const kernel: Kernel = {
  id: 14,
  name: "limiter admits too many",
  seen: ["SandeepVashishtha/Eventra#8994"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, new Limiter()),
  fixed: (k) => scenario(k, new HandingLimiter()),
};

async function scenario(k: Environment, limiter: Limiter): Promise<void> {
  let running = 0;
  const job = async (before: number): Promise<void> => {
    await calls(k, before);
    await limiter.run(async () => {
      assert.equal(++running, 1, "two jobs at once");
      await calls(k, 2);
      running--;
    });
  };
  await Promise.all([job(0), job(1), job(6)]);
}

class Limiter {
  active = 0;
  readonly waiting: (() => void)[] = [];

  async run(fn: () => Promise<void>): Promise<void> {
    await this.enter();
    try {
      await fn();
    } finally {
      this.leave();
    }
  }

  async enter(): Promise<void> {
    if (this.active === 1) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.active++;
  }

  leave(): void {
    this.active--;
    this.waiting.shift()?.();
  }
}

class HandingLimiter extends Limiter {
  override async enter(): Promise<void> {
    if (this.active === 0) this.active++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  override leave(): void {
    const next = this.waiting.shift();
    // The place goes from hand to hand.
    if (next === undefined) this.active--;
    else next();
  }
}
