import type { CancelNode } from "../context/node.ts";
import { Waiter } from "../runtime/waiter.ts";
import type { Slot } from "./slot.ts";

/** Acquire is one caller in the queue for a connection. @internal */
export class Acquire extends Waiter {
  readonly since: number;
  // Its place in the queue, beside the one in the list of its context.
  ahead: Acquire | null = null;
  behind: Acquire | null = null;
  readonly #queue: AcquireQueue;
  readonly resolve: (slot: Slot) => void;
  readonly reject: (err: unknown) => void;

  constructor(queue: AcquireQueue, resolve: (slot: Slot) => void, reject: (err: unknown) => void) {
    super();
    this.since = performance.now();
    this.#queue = queue;
    this.resolve = resolve;
    this.reject = reject;
  }

  wake(host: CancelNode): void {
    this.#queue.remove(this);
    this.reject(host.err);
  }
}

/** AcquireQueue holds the waiting callers, first come first served; leaving it anywhere is O(1). @internal */
export class AcquireQueue {
  length = 0;
  first: Acquire | null = null;
  #last: Acquire | null = null;

  push(waiter: Acquire): void {
    waiter.ahead = this.#last;
    if (this.#last === null) this.first = waiter;
    else this.#last.behind = waiter;
    this.#last = waiter;
    this.length++;
  }

  remove(waiter: Acquire): void {
    const { ahead, behind } = waiter;
    if (ahead === null) this.first = behind;
    else ahead.behind = behind;
    if (behind === null) this.#last = ahead;
    else behind.ahead = ahead;
    waiter.ahead = waiter.behind = null;
    this.length--;
  }
}
