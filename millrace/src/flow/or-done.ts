import type { Ctx } from "../context/index.ts";
import { nodeOf, park } from "../context/node.ts";
import { Waiter, type WaiterHost, unlink } from "../runtime/waiter.ts";

/** orDone waits for a promise until the context ends; the promise goes on without us then, and its error is handled. */
export function orDone<T>(ctx: Ctx, promise: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiter = new OrDone(reject);
    void promise.then(
      (value) => waiter.leave() && resolve(value),
      (err: unknown) => waiter.leave() && reject(err),
    );
    const node = nodeOf(ctx);
    if (node.core.ended === null) park(node, waiter);
    else waiter.wake(node.core);
  });
}

class OrDone extends Waiter {
  readonly #reject: (err: unknown) => void;
  #over = false;

  constructor(reject: (err: unknown) => void) {
    super();
    this.#reject = reject;
  }

  wake(host: WaiterHost): void {
    this.#over = true;
    this.#reject(host.err);
  }

  /** leave takes the waiter off its context; false if that has ended before. */
  leave(): boolean {
    unlink(this);
    return !this.#over;
  }
}
