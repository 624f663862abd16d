import type { Ctx } from "../../context/index.ts";
import { type CancelNode, nodeOf, park } from "../../context/node.ts";
import { Waiter, unlink } from "../../runtime/waiter.ts";

/** orDone is a promise's outcome, or the context's error if that ends first; the promise goes on for its owner. @internal */
export function orDone<T>(ctx: Ctx, promise: Promise<T>): Promise<T> {
  const node = nodeOf(ctx);
  return new Promise((resolve, reject) => {
    const waiter = new OrDone(reject);
    if (node.core.ended === null) park(node, waiter);
    else waiter.wake(node.core);
    promise.finally(() => unlink(waiter)).then(resolve, reject);
  });
}

class OrDone extends Waiter {
  readonly #reject: (err: unknown) => void;

  constructor(reject: (err: unknown) => void) {
    super();
    this.#reject = reject;
  }

  wake(host: CancelNode): void {
    this.#reject(host.err);
  }
}
