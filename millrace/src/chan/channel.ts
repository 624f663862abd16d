import type { Ctx } from "../context/index.ts";
import { nodeOf, park } from "../context/node.ts";
import { Failure } from "../errors/index.ts";
import { handOff } from "../runtime/budget.ts";
import { Parked } from "../runtime/parked.ts";
import { WaitQueue } from "../runtime/wait-queue.ts";
import type { Chan } from "./chan.ts";
import { iterate, iterateBatches } from "./iterate.ts";
import { Ring } from "./ring.ts";
import { type Closed, type Empty, closed, empty } from "./sentinel.ts";

// One for all sends that need not wait.
const DONE: Promise<void> = Promise.resolve();

/**
 * Channel is the one implementation of Chan. Every step is a synchronous transition: receivers wait only while the
 * buffer is empty and no sender waits, senders only while it is full and no receiver waits.
 */
export class Channel<T> implements Chan<T> {
  readonly #buffer: Ring<T>;
  readonly #receivers: WaitQueue = new WaitQueue();
  readonly #senders: WaitQueue = new WaitQueue();
  #closed = false;

  constructor(capacity: number) {
    this.#buffer = new Ring(capacity);
  }

  get length(): number {
    return this.#buffer.length;
  }

  get capacity(): number {
    return this.#buffer.capacity;
  }

  recv(ctx: Ctx): Promise<T | Closed> {
    const node = nodeOf(ctx);
    if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
    const value = this.tryRecv();
    if (value !== empty) return Promise.resolve(value);
    const waiter = new Parked();
    const promise = waiter.promise<T | Closed>();
    this.#receivers.push(waiter);
    park(node, waiter);
    return promise;
  }

  tryRecv(): T | Closed | Empty {
    if (this.#buffer.length > 0) {
      const value = this.#buffer.shift();
      // There is room again: the first waiting sender's value moves up.
      const sender = this.#senders.shift();
      if (sender !== null) this.#buffer.push(this.#take(sender));
      return value;
    }
    const sender = this.#senders.shift();
    if (sender !== null) return this.#take(sender);
    return this.#closed ? closed : empty;
  }

  send(ctx: Ctx, value: T): Promise<void> {
    const node = nodeOf(ctx);
    if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
    if (this.#closed) return Promise.reject(sendOnClosed());
    if (this.trySend(value)) return DONE;
    const waiter = new Parked();
    waiter.value = value;
    const promise = waiter.promise<void>();
    this.#senders.push(waiter);
    park(node, waiter);
    return promise;
  }

  trySend(value: T): boolean {
    if (this.#closed) throw sendOnClosed();
    const receiver = this.#receivers.shift();
    if (receiver !== null) {
      // A parked receive has a resolve that takes a T.
      handOff(receiver.resolve as (value: T) => void, value);
      return true;
    }
    if (this.#buffer.length === this.#buffer.capacity) return false;
    this.#buffer.push(value);
    return true;
  }

  close(): void {
    if (this.#closed) {
      throw new Failure("chan: close of a closed channel", {
        code: "failed_precondition",
        reason: "chan/close_of_closed_channel",
      });
    }
    this.#closed = true;
    for (let waiter = this.#receivers.shift(); waiter !== null; waiter = this.#receivers.shift()) {
      // As in trySend: a parked receive also takes `closed`.
      (waiter.resolve as (value: Closed) => void)(closed);
    }
    for (let waiter = this.#senders.shift(); waiter !== null; waiter = this.#senders.shift()) {
      waiter.reject?.(sendOnClosed());
    }
  }

  [Symbol.dispose](): void {
    if (!this.#closed) this.close();
  }

  iter(ctx: Ctx): AsyncIterable<T> {
    return iterate(ctx, this);
  }

  batches(ctx: Ctx, max: number = 64): AsyncIterable<T[]> {
    return iterateBatches(ctx, this, max);
  }

  // Takes the value of a sender that has left the queue, and completes its send.
  #take(sender: Parked): T {
    handOff(sender.resolve as (value: undefined) => void, undefined);
    // Only send parks a sender, with a T.
    return sender.value as T;
  }
}

function sendOnClosed(): Failure {
  return new Failure("chan: send on a closed channel", {
    code: "failed_precondition",
    reason: "chan/send_on_closed_channel",
  });
}
