import { Mutex, Semaphore } from "../../sync/index.ts";
import type { Buffered } from "../../runtime/hook.ts";
import { type Moment, knows } from "./moment.ts";
import type { Link, Order } from "./order.ts";

/** Values is what a channel's edges need: who sent and received the values whose partners have not come yet. */
interface Values {
  sent: number;
  received: number;
  readonly sends: Map<number, Moment>;
  readonly receives: Map<number, Moment>;
}

/** Tokens is a row of a semaphore's free tokens: how many, and who gave them back. */
interface Tokens {
  count: number;
  readonly by: Moment | undefined;
}

/** Edges is the order that the toolkit's primitives make where no promise carries it: where nobody had to wait. */
export class Edges {
  readonly #order: Order;
  readonly #did: (what: string) => void;
  readonly #done = new WeakMap<object, Moment[]>();
  readonly #readers = new WeakMap<object, Moment[]>();
  readonly #writing = new WeakSet<object>();
  readonly #parked = new WeakMap<object, Moment>();
  readonly #channels = new WeakMap<object, Values>();
  readonly #tokens = new WeakMap<object, Tokens[]>();
  // What the waiter that is resolved next comes after.
  #handing: readonly Link[] | undefined = undefined;

  /** did is told what the running segment does to be ordered with others. */
  constructor(order: Order, did: (what: string) => void) {
    this.#order = order;
    this.#did = did;
  }

  /** handed is what the promise that settles now comes after, if a waiter was handed more than what runs. */
  handed(): readonly Link[] | undefined {
    const handing = this.#handing;
    this.#handing = undefined;
    return handing;
  }

  before(key: unknown): void {
    if (!isKey(key)) return;
    this.#did(nameOf(key));
    add(this.#done, key, this.#order.now);
  }

  after(key: unknown, waiter: object | null): void {
    const came = isKey(key) ? this.#done.get(key) : undefined;
    if (isKey(key) && came !== undefined && waiter === null) this.#did(nameOf(key));
    this.#follow(waiter, came ?? [], true);
  }

  queued(waiter: object): void {
    this.#parked.set(waiter, this.#order.now);
  }

  taken(lock: object, guard: object, waiter: object | null): void {
    let came = this.#done.get(lock) ?? [];
    if (lock instanceof Semaphore) came = this.#takeTokens(lock, guard);
    else if ("writes" in guard && guard.writes === true) {
      this.#writing.add(lock);
      came = [...came, ...(this.#readers.get(lock) ?? [])];
    }
    this.#follow(waiter, came, false);
    if (waiter === null) this.#did(`the lock of a ${lock.constructor.name}`);
  }

  released(lock: object): void {
    this.#did(`the release of a ${lock.constructor.name}`);
    if (lock instanceof Semaphore) this.#giveTokens(lock);
    else if (lock instanceof Mutex || this.#writing.delete(lock)) add(this.#done, lock, this.#order.now);
    else add(this.#readers, lock, this.#order.now);
  }

  sent(channel: Buffered, sender: object | null): void {
    if (sender === null) this.#did("a send");
    const state = this.#channel(channel);
    const place = state.sent++;
    const pair = place - channel.capacity;
    // A receiver that was parked has come first.
    if (place >= state.received) state.sends.set(place, this.#partner(sender));
    const room = state.receives.get(pair);
    state.receives.delete(pair);
    if (sender === null && room !== undefined) this.#order.now.follow(room, true);
  }

  received(channel: Buffered, receiver: object | null): void {
    if (receiver === null) this.#did("a receive");
    const state = this.#channel(channel);
    const place = state.received++;
    if (place + channel.capacity >= state.sent) state.receives.set(place, this.#partner(receiver));
    const send = state.sends.get(place);
    state.sends.delete(place);
    if (receiver === null && send !== undefined) this.#order.now.follow(send, true);
  }

  /** met is a send to a receiver that was parked, and so came first. */
  met(channel: Buffered, receiver: object): void {
    this.received(channel, receiver);
    this.sent(channel, null);
  }

  // The running segment, or the waiter whose promise is about to be settled, comes after these.
  #follow(waiter: object | null, moments: readonly Moment[], firm: boolean): void {
    const { now } = this.#order;
    if (waiter === null) {
      for (const moment of moments) now.follow(moment, firm);
      return;
    }
    // A signal is sent to the waiter itself.
    const signals = this.#done.get(waiter) ?? [];
    this.#done.delete(waiter);
    this.#handing = [
      ...[now, ...moments].map((moment) => ({ moment, firm })),
      ...signals.map((moment) => ({ moment, firm: true })),
    ];
  }

  #partner(waiter: object | null): Moment {
    return (waiter === null ? undefined : this.#parked.get(waiter)) ?? this.#order.now;
  }

  // Values that were sent before anything was tracked are counted, and nobody's.
  #channel(channel: Buffered): Values {
    let state = this.#channels.get(channel);
    if (state === undefined) {
      state = { sent: channel.length, received: 0, sends: new Map(), receives: new Map() };
      this.#channels.set(channel, state);
    }
    return state;
  }

  // The k-th token to come back is the (k + size)-th to be taken, as in a channel of tokens.
  #takeTokens(semaphore: Semaphore, guard: object): Moment[] {
    let left = "tokens" in guard ? Number(guard.tokens) : 0;
    const row = this.#tokens.get(semaphore) ?? [{ count: semaphore.available + left, by: undefined }];
    this.#tokens.set(semaphore, row);
    const from: Moment[] = [];
    for (let first = row[0]; first !== undefined && left > 0; first = row[0]) {
      const taken = Math.min(left, first.count);
      left -= taken;
      first.count -= taken;
      if (first.by !== undefined) from.push(first.by);
      if (first.count === 0) row.shift();
    }
    return from;
  }

  #giveTokens(semaphore: Semaphore): void {
    const row = this.#tokens.get(semaphore) ?? [];
    this.#tokens.set(semaphore, row);
    const count = semaphore.available - row.reduce((sum, tokens) => sum + tokens.count, 0);
    row.push({ count, by: this.#order.now });
  }
}

// What is no part of the toolkit is kept in a pool.
function nameOf(key: object): string {
  return NAMES[(key.constructor as { name?: string } | undefined)?.name ?? ""] ?? "an ObjectPool";
}

const NAMES: Readonly<Record<string, string>> = {
  CancelNode: "the end of a context",
  Channel: "the close of a channel",
  CondWait: "the signal of a Cond",
  Group: "the end of a group's task",
  Once: "the run of a Once",
  Outcome: "the end of a task",
  Settled: "a promise",
  WaitGroup: "the done of a WaitGroup",
};

// What a pool keeps may be any value.
function isKey(key: unknown): key is object {
  return (typeof key === "object" && key !== null) || typeof key === "function";
}

// Keeps a list of moments of which none comes before another.
function add(lists: WeakMap<object, Moment[]>, key: object, moment: Moment): void {
  const list = (lists.get(key) ?? []).filter((other) => !knows(moment.all, moment, other));
  list.push(moment);
  lists.set(key, list);
}
