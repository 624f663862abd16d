import { type Chan, type Closed, type Sender, chan, closed } from "../chan/index.ts";
import type { Ctx } from "../context/index.ts";
import { group } from "../task/index.ts";
import { type Flow, checkCount, newFlow } from "./flow.ts";
import { type Reader, type Source, newReader } from "./source.ts";

/** MapOptions bounds a map. */
export interface MapOptions {
  /** workers is how many calls run at a time, 1 or more. */
  readonly workers: number;
  /** ordered gives the results in the order of the values, else as they come. @default false */
  readonly ordered?: boolean;
  /** buffer is how many results may wait for the consumer beside those that the workers hold. @default 0 */
  readonly buffer?: number;
}

/**
 * map calls a function for each value, a bounded number at a time: a worker pool. The first error cancels the context
 * of the other calls, and what they give after that is dropped. A slow consumer stops the workers, and they the source.
 */
export function map<A, B>(
  ctx: Ctx,
  source: Source<A>,
  options: MapOptions,
  fn: (ctx: Ctx, value: A) => B | PromiseLike<B>,
): Flow<B> {
  const { workers, ordered = false, buffer = 0 } = options;
  checkCount("map", "workers", workers, 1);
  checkCount("map", "buffer", buffer, 0);
  const reader = newReader(source);
  return newFlow(ctx, "map", ordered ? 0 : buffer, async (ctx, out) => {
    const turns: Turns<A, B> = ordered
      ? new InOrder(reader, ctx, out, workers + buffer)
      : new AsTheyCome(reader, ctx, out);
    try {
      await using g = group(ctx);
      for (let i = 0; i < workers; i++) await g.go((work) => worker(work, turns, fn), { name: "map worker" });
      await g.wait();
    } finally {
      await reader.close();
    }
  });
}

/** Turns hands values to workers and takes their results. */
interface Turns<A, B> {
  take(work: Ctx): Promise<{ readonly value: A; readonly index: number } | Closed>;
  put(index: number, result: B): Promise<void>;
}

async function worker<A, B>(
  work: Ctx,
  turns: Turns<A, B>,
  fn: (ctx: Ctx, value: A) => B | PromiseLike<B>,
): Promise<void> {
  for (;;) {
    const turn = await turns.take(work);
    if (turn === closed) return;
    const result = await fn(work, turn.value);
    work.throwIfDone();
    await turns.put(turn.index, result);
  }
}

class AsTheyCome<A, B> implements Turns<A, B> {
  readonly ctx: Ctx;
  readonly out: Sender<B>;
  readonly #reader: Reader<A>;
  // Holds a token while a worker reads: a reader has one caller at a time.
  readonly #reading: Chan<true> = chan<true>(1);
  #taken = 0;

  constructor(reader: Reader<A>, ctx: Ctx, out: Sender<B>) {
    this.#reader = reader;
    this.ctx = ctx;
    this.out = out;
  }

  async take(work: Ctx): Promise<{ readonly value: A; readonly index: number } | Closed> {
    await this.#reading.send(work, true);
    try {
      const value = await this.#reader.next(work);
      return value === closed ? closed : { value, index: this.#taken++ };
    } finally {
      this.#reading.tryRecv();
    }
  }

  // The context is the flow's and not the worker's: a result that was there before another call failed is delivered.
  async put(_index: number, result: B): Promise<void> {
    await this.out.send(this.ctx, result);
  }
}

class InOrder<A, B> extends AsTheyCome<A, B> {
  // A token for each value that was taken and whose result was not delivered: the bound of #ready.
  readonly #window: Chan<true>;
  readonly #ready: Map<number, B> = new Map();
  #next = 0;
  #delivering = false;

  constructor(reader: Reader<A>, ctx: Ctx, out: Sender<B>, window: number) {
    super(reader, ctx, out);
    this.#window = chan<true>(window);
  }

  override async take(work: Ctx): Promise<{ readonly value: A; readonly index: number } | Closed> {
    await this.#window.send(work, true);
    // At the end of the source the token is kept: the window has one for each worker, and each meets the end once.
    return super.take(work);
  }

  // The worker whose result is the next one delivers all that are there; the others go on meanwhile.
  override async put(index: number, result: B): Promise<void> {
    this.#ready.set(index, result);
    if (this.#delivering) return;
    this.#delivering = true;
    while (this.#ready.has(this.#next)) {
      // It is there, even if it is undefined.
      const oldest = this.#ready.get(this.#next) as B;
      this.#ready.delete(this.#next++);
      await this.out.send(this.ctx, oldest);
      this.#window.tryRecv();
    }
    this.#delivering = false;
  }
}
