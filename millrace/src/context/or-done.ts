import { Waiter, type WaiterHost, unlink } from "../runtime/waiter.ts";
import type { Ctx } from "./ctx.ts";
import { nodeOf, park } from "./node.ts";

/**
 * orDone is a promise's outcome, or the context's error if that ends first; the promise goes on for its owner then, and
 * its error is handled. @internal
 */
export function orDone<T>(ctx: Ctx, promise: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiter = new OrDone(reject);
    const node = nodeOf(ctx);
    if (node.core.ended === null) park(node, waiter);
    else waiter.wake(node.core);
    void settle(promise, waiter, resolve, reject);
  });
}

async function settle<T>(
  promise: PromiseLike<T>,
  waiter: Waiter,
  resolve: (value: T) => void,
  reject: (err: unknown) => void,
): Promise<void> {
  try {
    resolve(await promise);
  } catch (err) {
    reject(err);
  } finally {
    unlink(waiter);
  }
}

class OrDone extends Waiter {
  readonly #reject: (err: unknown) => void;

  constructor(reject: (err: unknown) => void) {
    super();
    this.#reject = reject;
  }

  wake(host: WaiterHost): void {
    this.#reject(host.err);
  }
}
