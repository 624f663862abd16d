import type { Ctx } from "../context/index.ts";
import { type CtxNode, nodeOf, park } from "../context/node.ts";
import { Arm } from "../runtime/arm.ts";
import { done, ready } from "../runtime/budget.ts";
import { debug } from "../runtime/debug.ts";
import { rt } from "../runtime/hook.ts";
import { Parked } from "../runtime/parked.ts";
import { type Closed, type Empty, closed, empty } from "../runtime/sentinel.ts";
import { WaitQueue, ownerOf } from "../runtime/wait-queue.ts";
import type { Chan } from "./chan.ts";
import { closeOfClosed, refuseThenable, sendOnClosed } from "./err.ts";
import { Batches, Values } from "./iterate.ts";
import { Ring } from "./ring.ts";
import { SendArm } from "./send-arm.ts";

const RECEIVERS = ownerOf("to receive from a channel");
const SENDERS = ownerOf("to send on a channel");

/**
 * Channel is the one implementation of Chan, and of its receive as a case of a select. Every step is a synchronous
 * transition: receivers wait only while the buffer is empty, senders only while it is full, and both at once only if
 * they belong to one select.
 */
export class Channel<T> extends Arm<T | Closed> implements Chan<T> {
  readonly #buffer: Ring<T>;
  readonly #receivers: WaitQueue = new WaitQueue(RECEIVERS);
  readonly #senders: WaitQueue = new WaitQueue(SENDERS);
  #closed = false;

  constructor(capacity: number) {
    super();
    this.#buffer = new Ring(capacity);
    if (rt !== null) rt.made(this);
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
    return value === empty ? this.parkRecv(node, new Parked()) : ready(value);
  }

  tryRecv(): T | Closed | Empty {
    if (this.#buffer.length > 0) {
      if (rt !== null) rt.received(this);
      const value = this.#buffer.shift();
      // There is room again: the first waiting sender's value moves up.
      const sender = this.#senders.shift();
      if (sender !== null) this.#buffer.push(this.#accept(sender));
      return value;
    }
    const sender = this.#senders.shift();
    if (sender !== null) {
      const value = this.#accept(sender);
      if (rt !== null) rt.received(this);
      return value;
    }
    if (!this.#closed) return empty;
    if (rt !== null) rt.after(this, null);
    return closed;
  }

  /** parkRecv waits for a value, after tryRecv has found none; R is what the waiter makes of it. */
  parkRecv<R = T | Closed>(node: CtxNode, waiter: Parked): Promise<R> {
    const promise = waiter.promise<R>();
    this.#receivers.push(waiter);
    park(node, waiter);
    if (rt !== null) rt.park(waiter, "recv", this);
    return promise;
  }

  send(ctx: Ctx, value: T): Promise<void> {
    const node = nodeOf(ctx);
    if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
    if (this.#closed) return Promise.reject(sendOnClosed());
    if (this.trySend(value)) return done();
    const waiter = new Parked();
    waiter.value = value;
    const promise = waiter.promise<void>();
    this.#senders.push(waiter);
    park(node, waiter);
    if (rt !== null) rt.park(waiter, "send", this);
    return promise;
  }

  trySend(value: T): boolean {
    if (debug) refuseThenable(value);
    if (this.#closed) throw sendOnClosed();
    const receiver = this.#receivers.shift();
    if (receiver !== null) {
      if (rt !== null) rt.met(this, receiver);
      receiver.complete(value);
      return true;
    }
    if (this.#buffer.length === this.#buffer.capacity) return false;
    if (rt !== null) rt.sent(this, null);
    this.#buffer.push(value);
    return true;
  }

  close(): void {
    if (this.#closed) throw closeOfClosed();
    this.#closed = true;
    if (rt !== null) rt.before(this);
    for (let waiter = this.#receivers.shift(); waiter !== null; waiter = this.#receivers.shift()) {
      waiter.complete(closed);
    }
    for (let waiter = this.#senders.shift(); waiter !== null; waiter = this.#senders.shift()) {
      waiter.fail(sendOnClosed());
    }
  }

  [Symbol.dispose](): void {
    if (!this.#closed) this.close();
  }

  iter(ctx: Ctx): AsyncIterable<T> {
    return new Values(nodeOf(ctx), this);
  }

  batches(ctx: Ctx, max: number = 64): AsyncIterable<T[]> {
    return new Batches(nodeOf(ctx), this, max);
  }

  get onRecv(): this {
    return this;
  }

  onSend(value: T): SendArm<T> {
    if (debug) refuseThenable(value);
    return new SendArm(this, value);
  }

  ready(): boolean {
    return this.#buffer.length > 0 || !this.#senders.empty || this.#closed;
  }

  take(): T | Closed {
    // A select takes only what is ready, and then there is a value or the end.
    return this.tryRecv() as T | Closed;
  }

  join(waiter: Parked): void {
    if (rt !== null) rt.queued(waiter);
    this.#receivers.push(waiter);
  }

  leave(waiter: Parked): void {
    waiter.queue?.remove(waiter);
  }

  /** readyToSend says whether trySend would not give false. */
  readyToSend(): boolean {
    return this.#closed || !this.#receivers.empty || this.#buffer.length < this.#buffer.capacity;
  }

  /** joinSend parks a waiter that brings a value. */
  joinSend(waiter: Parked): void {
    if (rt !== null) rt.queued(waiter);
    this.#senders.push(waiter);
  }

  // Takes the value of a sender that has left the queue, and completes its send.
  #accept(sender: Parked): T {
    // Only a send parks there, with a T. Read first: a completed waiter is used again.
    const value = sender.value as T;
    if (rt !== null) rt.sent(this, sender);
    sender.complete(undefined);
    return value;
  }
}
