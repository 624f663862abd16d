import { type Chan, type Sender, chan, closed } from "../chan/index.ts";
import { type CancelCtx, type Ctx, withCancel } from "../context/index.ts";
import { sentinel } from "../errors/index.ts";
import { type Task, go } from "../task/index.ts";

/** Produce is the work of a flow: it sends values until there are no more, and has ended all it started when it ends. */
export type Produce<T> = (ctx: Ctx, out: Sender<T>) => Promise<void>;

const LEFT = sentinel("flow/left", "canceled", "flow: its consumer has left");

/** newFlow makes a flow with room for `buffer` values that nobody has taken yet. */
export function newFlow<T>(ctx: Ctx, name: string, buffer: number, produce: Produce<T>): Flow<T> {
  checkCount(name, "buffer", buffer, 0);
  return new Flow(ctx, name, buffer, produce);
}

/** checkCount throws unless an option is a whole number that is not too small. */
export function checkCount(name: string, option: string, value: number, min: number): void {
  if (Number.isInteger(value) && value >= min) return;
  throw new RangeError(`flow: ${name}: ${option} must be a whole number from ${min}, got ${value}`);
}

/**
 * Flow is a stream of results, for one pass: `for await (const v of flow)`, by several loops if they are to share it.
 *
 * It is an iterator and not a channel, because leaving the loop must end the work: `break`, `return` and `throw` in it
 * call return(), which a channel does not have. Nothing runs before the first value is asked for. However the flow
 * ends (no more values, an error, the consumer's leaving, the end of ctx), its tasks have ended when the consumer learns
 * of it, and an iterable that it took its values from is closed; only a generator that is in the middle of a step then
 * closes after that, at its next yield. An error comes after the values that were produced before it; a consumer that
 * leaves earlier never meets it.
 */
export class Flow<T> implements AsyncIterableIterator<T, undefined>, AsyncDisposable {
  readonly #parent: Ctx;
  readonly #name: string;
  readonly #produce: Produce<T>;
  readonly #out: Chan<T>;
  // The context of the work and of the wait for it. It ends with the consumer's leaving, which an error does not do.
  #ctx: CancelCtx | undefined;
  #work: Task<void> | undefined;
  #over = false;

  /** @internal use newFlow */
  constructor(ctx: Ctx, name: string, buffer: number, produce: Produce<T>) {
    this.#parent = ctx;
    this.#name = name;
    this.#produce = produce;
    // A value is never a promise: what gives it has been awaited. The compiler cannot know.
    const out: unknown = chan<unknown>(buffer);
    this.#out = out as Chan<T>;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** next gives the oldest value, or waits for one; it throws what ended the flow once, and is done from then on. */
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#over) return { value: undefined, done: true };
    const ctx = (this.#ctx ??= withCancel(this.#parent));
    const work = (this.#work ??= this.#begin(ctx));
    try {
      const value = await this.#out.recv(ctx);
      if (value !== closed) return { value, done: false };
      // The channel closes after the work: this gives its error.
      await work;
    } catch (err) {
      await work.then(undefined, () => {});
      ctx.cancel();
      // The error of a work whose consumer has left is no news, and of several consumers one is told.
      if (!this.#over) {
        this.#over = true;
        throw err;
      }
    }
    this.#over = true;
    ctx.cancel();
    return { value: undefined, done: true };
  }

  /** return ends the flow, and waits for that; values that were produced and not taken are dropped. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#over = true;
    const ctx = (this.#ctx ??= withCancel(this.#parent));
    ctx.cancel(LEFT);
    // A flow that has not begun does it now, so that its source is closed.
    await (this.#work ??= this.#begin(ctx)).then(undefined, () => {});
    return { value: undefined, done: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #begin(ctx: Ctx): Task<void> {
    const work = go(ctx, (own) => this.#produce(own, this.#out), { name: this.#name });
    const close = (): void => this.#out.close();
    void work.then(close, close);
    return work;
  }
}
