import assert from "node:assert/strict";
import { chan } from "millrace/chan";
import type { Environment, Kernel } from "../kernel.ts";

/** A pushable iterator takes whatever it is given: a producer that is a little faster fills the memory. */
export const kernel: Kernel = {
  id: 26,
  name: "queue without a bound",
  seen: ["alanshaw/it-pushable#26", "node:events on, measured"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, new Pushable()),
  fixed: (k) => {
    const queue = chan<number>(4);
    return scenario(k, {
      push: (item) => queue.send(k.ctx, item),
      end: () => queue.close(),
      length: () => queue.length,
      [Symbol.asyncIterator]: () => queue.iter(k.ctx)[Symbol.asyncIterator](),
    });
  },
};

interface Queue extends AsyncIterable<number> {
  push(item: number): Promise<void>;
  end(): void;
  length(): number;
}

const ITEMS = 12;
const BUDGET = 4;

async function scenario(k: Environment, queue: Queue): Promise<void> {
  let most = 0;
  const read = async (): Promise<void> => {
    for (let i = 0; i < ITEMS; i++) {
      const row = await k.io(i);
      await queue.push(row);
      most = Math.max(most, queue.length());
    }
    queue.end();
  };
  const write = async (): Promise<number> => {
    let written = 0;
    for await (const row of queue) written += await k.io(row >= 0 ? 1 : 0);
    return written;
  };
  const [, written] = await Promise.all([read(), write()]);
  assert.equal(written, ITEMS);
  assert.ok(most <= BUDGET, `${most} rows in memory`);
}

class Pushable implements Queue {
  readonly #items: number[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  push(item: number): Promise<void> {
    this.#items.push(item);
    this.#wake?.();
    return Promise.resolve();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  length(): number {
    return this.#items.length;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
