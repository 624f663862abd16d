import { Cond, Mutex } from "millrace/sync";
import type { Environment, Kernel } from "../kernel.ts";

/** Producers and consumers wait for the same condition; a signal that wakes one of them may wake the wrong one. */
export const kernel: Kernel = {
  id: 41,
  name: "notify one where all are meant",
  seen: ["microsoft/coyote, BoundedBuffer sample"],
  detectors: ["deadlock"],
  buggy: (k) => scenario(k, (changed) => changed.signal()),
  fixed: (k) => scenario(k, (changed) => changed.broadcast()),
};

type Notify = (changed: Cond) => void;

async function scenario(k: Environment, notify: Notify): Promise<void> {
  const buffer = new BoundedBuffer(k, notify);
  const produce = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await k.io();
      await buffer.put(i);
    }
  };
  const consume = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await k.io();
      await buffer.take();
    }
  };
  await Promise.all([produce(), consume(), produce(), consume()]);
}

class BoundedBuffer {
  readonly #k: Environment;
  readonly #notify: Notify;
  readonly #lock = new Mutex();
  readonly #changed = new Cond(this.#lock);
  readonly #items: number[] = [];

  constructor(k: Environment, notify: Notify) {
    this.#k = k;
    this.#notify = notify;
  }

  async put(item: number): Promise<void> {
    using held = await this.#lock.lock(this.#k.ctx);
    while (this.#items.length === 1) await this.#changed.wait(this.#k.ctx, held);
    this.#items.push(item);
    this.#notify(this.#changed);
  }

  async take(): Promise<number> {
    using held = await this.#lock.lock(this.#k.ctx);
    while (this.#items.length === 0) await this.#changed.wait(this.#k.ctx, held);
    const item = this.#items.shift()!;
    this.#notify(this.#changed);
    return item;
  }
}
