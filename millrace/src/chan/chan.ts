import type { Ctx } from "../context/index.ts";
import type { RecvCase, SendCase } from "../runtime/arm.ts";
import type { Closed, Empty } from "../runtime/sentinel.ts";
import { Channel } from "./channel.ts";

/**
 * Receiver is the end of a channel that takes values out; every value goes to exactly one receive. It may itself stand
 * as a case in a select.
 */
export interface Receiver<out T> extends RecvCase<T | Closed> {
  /** recv takes the oldest value, waits for one, or gives `closed`; rejects with ctx.err, and then takes nothing. */
  recv(ctx: Ctx): Promise<T | Closed>;
  /** tryRecv is recv without waiting: `empty` when there is nothing to take now. */
  tryRecv(): T | Closed | Empty;
  /** iter iterates until the channel is closed and drained; leaving the loop early takes no extra value. */
  iter(ctx: Ctx): AsyncIterable<T>;
  /** batches iterates over all that is there, 1 to max values at a time: ten times cheaper than one by one. */
  batches(ctx: Ctx, max?: number): AsyncIterable<T[]>;
  /** onRecv is the receive as a case of a select; the receiver itself is the same case. */
  readonly onRecv: RecvCase<T | Closed>;
  /** length is the number of values in the buffer. */
  readonly length: number;
  readonly capacity: number;
}

/**
 * Sender is the end of a channel that puts values in. Its members are properties and not methods, which the compiler
 * would let take less than they promise.
 */
export interface Sender<in T> {
  /** send waits for a receiver or for room; rejects with ctx.err, and then the value is never delivered. */
  readonly send: (ctx: Ctx, value: T) => Promise<void>;
  /** trySend is send without waiting: false when there is neither a waiting receiver nor room. */
  readonly trySend: (value: T) => boolean;
  /** onSend is the send of a value as a case of a select. */
  readonly onSend: (value: T) => SendCase;
  /** close ends the channel: what is buffered can still be received, a send fails. Closing twice throws. */
  close(): void;
}

/** Chan is a channel: a queue with a bound between tasks. `using` closes it, if it is not closed yet. */
export interface Chan<in out T> extends Receiver<T>, Sender<T>, Disposable {}

/** NoThenable refuses promises as channel values: the promise of a receive would unwrap them. */
export type NoThenable<T> = T extends PromiseLike<unknown> ? never : T;

/**
 * chan makes a channel with room for `capacity` values, 0 to 2^31; with 0, the default, a send waits for its receive.
 * Waiters are served in the order in which they came. Source: Go's runtime/chan.go.
 */
export function chan<T>(capacity: number = 0): Chan<NoThenable<T>> {
  if (!Number.isInteger(capacity) || capacity < 0 || capacity > 2 ** 31) {
    throw new RangeError(`chan: size out of range: want an integer from 0 to 2^31, got ${capacity}`);
  }
  return new Channel<NoThenable<T>>(capacity);
}
