import type { CtxNode } from "../context/node.ts";
import { ready } from "../runtime/budget.ts";
import { Parked } from "../runtime/parked.ts";
import { type Closed, type Empty, closed, empty } from "../runtime/sentinel.ts";
import type { Channel } from "./channel.ts";

// The iterators are written by hand: an async generator costs two promises and two turns more for each value.

/** Values iterates over a channel until it is closed and drained; a wait gives its value without a turn in between. */
export class Values<T> implements AsyncIterable<T>, AsyncIterator<T, undefined> {
  readonly #ctx: CtxNode;
  readonly #source: Channel<T>;
  #left = false;

  constructor(ctx: CtxNode, source: Channel<T>) {
    this.#ctx = ctx;
    this.#source = source;
  }

  [Symbol.asyncIterator](): Values<T> {
    return this.#left ? new Values(this.#ctx, this.#source) : this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#left) return Promise.resolve(END);
    const { ended } = this.#ctx.core;
    if (ended !== null) return Promise.reject(ended.error());
    const value = this.#source.tryRecv();
    return value === empty ? this.#source.parkRecv(this.#ctx, new Next()) : ready(result(value));
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#left = true;
    return Promise.resolve(END);
  }
}

/** Batches iterates over all that is there, 1 to max values at a time. */
export class Batches<T> implements AsyncIterable<T[]>, AsyncIterator<T[], undefined> {
  readonly #ctx: CtxNode;
  readonly #source: Channel<T>;
  readonly #max: number;
  #left = false;

  constructor(ctx: CtxNode, source: Channel<T>, max: number) {
    if (!Number.isInteger(max) || max < 1) throw new RangeError(`chan: batches: want a max of 1 or more, got ${max}`);
    this.#ctx = ctx;
    this.#source = source;
    this.#max = max;
  }

  [Symbol.asyncIterator](): Batches<T> {
    return this.#left ? new Batches(this.#ctx, this.#source, this.#max) : this;
  }

  async next(): Promise<IteratorResult<T[], undefined>> {
    if (this.#left) return END;
    const { ended } = this.#ctx.core;
    if (ended !== null) throw ended.error();
    let value: T | Closed | Empty = this.#source.tryRecv();
    if (value === empty) value = await this.#source.parkRecv<T | Closed>(this.#ctx, new Parked());
    if (value === closed) return END;
    const batch: T[] = [value];
    while (batch.length < this.#max) {
      value = this.#source.tryRecv();
      if (value === empty || value === closed) break;
      batch.push(value);
    }
    return { done: false, value: batch };
  }

  return(): Promise<IteratorResult<T[], undefined>> {
    this.#left = true;
    return Promise.resolve(END);
  }
}

const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

function result<T>(value: T | Closed): IteratorResult<T, undefined> {
  return value === closed ? END : { done: false, value };
}

// A parked receive whose promise is for a step of an iteration.
class Next extends Parked {
  override complete(value: unknown): void {
    super.complete(result(value));
  }
}
