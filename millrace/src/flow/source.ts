import { type Closed, type Receiver, closed } from "../chan/index.ts";
import type { Ctx } from "../context/index.ts";
import { Flow } from "./flow.ts";
import { orDone } from "../context/or-done.ts";

/** Source is what a flow takes its values from. An iterable is the flow's from then on: it is closed when the flow ends. */
export type Source<T> = Iterable<T> | AsyncIterable<T> | Receiver<T>;

/** Reader takes values from a source, one at a time: the next call comes when the one before has settled. */
export interface Reader<T> {
  /** next gives a value or `closed`; rejects with ctx.err, and then the value is there for the next call. */
  next(ctx: Ctx): Promise<T | Closed>;
  /** close ends the source, if it is one that ends with its reader. */
  close(): Promise<void>;
}

/** newReader opens nothing: an iterable is asked for its iterator by the first next, or by close. */
export function newReader<T>(source: Source<T>): Reader<T> {
  if ("recv" in Object(source)) return new ReceiverReader(source as Receiver<T>);
  if (Symbol.asyncIterator in Object(source)) return new AsyncReader(source as AsyncIterable<T>);
  if (Symbol.iterator in Object(source)) return new IterableReader(source as Iterable<T>);
  throw new TypeError("flow: the source must be an iterable, an async iterable or a receiver");
}

// A channel belongs to its senders: it is not closed, and nothing is taken from it that is not passed on.
class ReceiverReader<T> implements Reader<T> {
  readonly #source: Receiver<T>;

  constructor(source: Receiver<T>) {
    this.#source = source;
  }

  next(ctx: Ctx): Promise<T | Closed> {
    return this.#source.recv(ctx);
  }

  async close(): Promise<void> {}
}

class IterableReader<T> implements Reader<T> {
  readonly #source: Iterable<T>;
  #iterator: Iterator<T> | undefined;
  #over = false;

  constructor(source: Iterable<T>) {
    this.#source = source;
  }

  async next(ctx: Ctx): Promise<T | Closed> {
    ctx.throwIfDone();
    if (this.#over) return closed;
    // Over, if it throws.
    this.#over = true;
    const result = (this.#iterator ??= this.#source[Symbol.iterator]()).next();
    this.#over = result.done === true;
    return result.done === true ? closed : result.value;
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    (this.#iterator ?? this.#source[Symbol.iterator]()).return?.();
  }
}

class AsyncReader<T> implements Reader<T> {
  readonly #source: AsyncIterable<T>;
  #iterator: AsyncIterator<T> | undefined;
  // What the source has been asked for and has not given yet; it outlives the ctx of a next.
  #asked: Promise<IteratorResult<T>> | undefined;
  #over = false;

  constructor(source: AsyncIterable<T>) {
    this.#source = source;
  }

  async next(ctx: Ctx): Promise<T | Closed> {
    ctx.throwIfDone();
    if (this.#over) return closed;
    this.#iterator ??= this.#source[Symbol.asyncIterator]();
    this.#asked ??= this.#ask(this.#iterator);
    const result = await orDone(ctx, this.#asked);
    this.#asked = undefined;
    return result.done === true ? closed : result.value;
  }

  async #ask(iterator: AsyncIterator<T>): Promise<IteratorResult<T>> {
    try {
      const result = await iterator.next();
      if (result.done === true) this.#over = true;
      return result;
    } catch (err) {
      this.#over = true;
      throw err;
    }
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    const iterator = (this.#iterator ??= this.#source[Symbol.asyncIterator]());
    const closing = Promise.resolve(iterator.return?.());
    // A generator that is at work closes when it comes to its next yield. That may never be, so nobody waits for it. A
    // flow ends at once, and its tasks are waited for.
    if (this.#asked === undefined || iterator instanceof Flow) await closing;
    else for (const left of [closing, this.#asked]) left.catch(() => {});
  }
}
