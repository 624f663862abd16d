import { Waiter, unlink } from "../runtime/waiter.ts";
import type { Ctx } from "./ctx.ts";
import { type CancelNode, nodeOf, park } from "./node.ts";

/**
 * sleep waits a number of milliseconds, or rejects with the context's error when that ends first; the timer is cleared
 * then. 0 or less waits for the next turn of the event loop.
 */
export function sleep(ctx: Ctx, ms: number): Promise<void> {
  const node = nodeOf(ctx);
  if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
  return new Promise((resolve, reject) => {
    const waiter = new Sleeper(reject);
    waiter.timer = setTimeout(() => {
      unlink(waiter);
      resolve();
    }, ms);
    park(node, waiter);
  });
}

class Sleeper extends Waiter {
  timer: NodeJS.Timeout | undefined = undefined;
  readonly #reject: (err: Error | undefined) => void;

  constructor(reject: (err: Error | undefined) => void) {
    super();
    this.#reject = reject;
  }

  wake(host: CancelNode): void {
    clearTimeout(this.timer);
    this.#reject(host.err);
  }
}
