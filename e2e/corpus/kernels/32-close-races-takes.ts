import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A queue that is closed answers those who come to take; those who wait already are forgotten. */
export const kernel: Kernel = {
  id: 32,
  name: "close races with waiting takes",
  seen: ["kriskowal/q#261"],
  detectors: ["deadlock"],
  buggy: (k) => scenario(k, new Queue()),
  fixed: (k) => scenario(k, new EndingQueue()),
};

const END = Symbol("end");

async function scenario(k: Environment, queue: Queue): Promise<void> {
  const produce = async (): Promise<void> => {
    for (const item of ["a", "b"]) {
      await k.io();
      queue.put(item);
    }
    await k.io("no more rows");
    queue.close();
  };
  const taken: string[] = [];
  const consume = async (): Promise<void> => {
    await calls(k, 2);
    for (;;) {
      const item = await queue.take();
      if (item === END) return;
      taken.push(item);
      await calls(k, 2);
    }
  };
  await Promise.all([produce(), consume()]);
  assert.deepEqual(taken, ["a", "b"]);
}

type Item = string | typeof END;

class Queue {
  readonly waiting: ((item: Item) => void)[] = [];
  readonly #items: Item[] = [];
  #closed = false;

  put(item: string): void {
    const taker = this.waiting.shift();
    if (taker === undefined) this.#items.push(item);
    else taker(item);
  }

  async take(): Promise<Item> {
    const item = this.#items.shift();
    if (item !== undefined) return item;
    return this.#closed ? END : new Promise((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    this.#closed = true;
  }
}

class EndingQueue extends Queue {
  override close(): void {
    super.close();
    for (const taker of this.waiting.splice(0)) taker(END);
  }
}
