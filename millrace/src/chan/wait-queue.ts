import type { Settler } from "../runtime/promise.ts";
import { Waiter, unlink } from "../runtime/waiter.ts";
import type { CancelNode } from "../context/node.ts";

/** ChanWaiter is one parked send (with its value) or receive. */
export class ChanWaiter extends Waiter implements Settler {
  resolve: ((value: never) => void) | null = null;
  reject: ((err: unknown) => void) | null = null;
  value: unknown = undefined;
  queue: WaitQueue | null = null;
  ahead: ChanWaiter | null = null;
  behind: ChanWaiter | null = null;

  /** The context ended: leave the queue, and fail with its error. */
  wake(host: CancelNode): void {
    this.queue?.remove(this);
    this.reject?.(host.err);
  }
}

/** WaitQueue holds the parked sends or receives of one channel, first come, first served; all steps are O(1). */
export class WaitQueue {
  #first: ChanWaiter | null = null;
  #last: ChanWaiter | null = null;

  get isEmpty(): boolean {
    return this.#first === null;
  }

  push(waiter: ChanWaiter): void {
    waiter.queue = this;
    waiter.ahead = this.#last;
    if (this.#last === null) this.#first = waiter;
    else this.#last.behind = waiter;
    this.#last = waiter;
  }

  /** shift takes the first waiter off the queue and off its context: from here on nobody else settles it. */
  shift(): ChanWaiter | null {
    const waiter = this.#first;
    if (waiter === null) return null;
    this.remove(waiter);
    unlink(waiter);
    return waiter;
  }

  remove(waiter: ChanWaiter): void {
    const { ahead, behind } = waiter;
    if (ahead === null) this.#first = behind;
    else ahead.behind = behind;
    if (behind === null) this.#last = ahead;
    else behind.ahead = ahead;
    waiter.queue = waiter.ahead = waiter.behind = null;
  }
}
