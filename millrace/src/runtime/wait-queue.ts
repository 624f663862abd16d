import type { Parked } from "./parked.ts";
import { unlink } from "./waiter.ts";

/** QueueOwner is told when a waiter has left because its context has ended: it may have kept out those behind it. */
export interface QueueOwner {
  /** waits is what its waiters wait for, to a reader: "to receive from a channel". */
  readonly waits: string;
  /** admit lets in whoever can have a turn now. */
  admit(): void;
}

/** ownerOf is an owner for all queues of a kind, which only says what their waiters wait for. */
export function ownerOf(waits: string): QueueOwner {
  return { waits, admit() {} };
}

/** WaitQueue holds the parked waits for one thing, first come, first served; all steps are O(1). */
export class WaitQueue {
  #first: Parked | null = null;
  #last: Parked | null = null;
  readonly owner: QueueOwner | null;

  constructor(owner: QueueOwner | null = null) {
    this.owner = owner;
  }

  get empty(): boolean {
    return this.#first === null;
  }

  /**
   * first is whose turn it is, still in the queue. A waiter whose context has ended, and that has not been told yet,
   * fails here and now, off the queue already and so without a word to the owner: an end wakes its waiters one by one,
   * and one that is woken may give up what the next waits for.
   */
  first(): Parked | null {
    for (;;) {
      const waiter = this.#first;
      if (waiter === null) return null;
      const { host } = waiter;
      if (host === null || host.err === undefined) return waiter;
      this.remove(waiter);
      unlink(waiter);
      waiter.wake(host);
    }
  }

  push(waiter: Parked): void {
    waiter.queue = this;
    waiter.ahead = this.#last;
    if (this.#last === null) this.#first = waiter;
    else this.#last.behind = waiter;
    this.#last = waiter;
  }

  /** shift takes the first waiter off the queue and off its context: from here on nobody else settles it. */
  shift(): Parked | null {
    const waiter = this.#first;
    if (waiter === null) return null;
    this.remove(waiter);
    unlink(waiter);
    return waiter;
  }

  remove(waiter: Parked): void {
    const { ahead, behind } = waiter;
    if (ahead === null) this.#first = behind;
    else ahead.behind = behind;
    if (behind === null) this.#last = ahead;
    else behind.ahead = ahead;
    waiter.queue = waiter.ahead = waiter.behind = null;
  }
}
