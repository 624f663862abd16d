import { type Sender, closed } from "../chan/index.ts";
import { type CancelCtx, type Ctx, withCancel } from "../context/index.ts";
import { type Task, go } from "../task/index.ts";
import { type Flow, checkCount, newFlow } from "./flow.ts";
import { orDone } from "../context/or-done.ts";
import { type Reader, type Source, newReader } from "./source.ts";

/** TeeOptions says how many copies there are, and how far they may be apart. */
export interface TeeOptions {
  /** copies is how many flows come out, 1 or more. @default 2 */
  readonly copies?: number;
  /** buffer is how many values a copy may be behind the fastest. @default 0 */
  readonly buffer?: number;
}

/**
 * tee copies a source: each flow gives every value. The slowest decides the pace, also while it has not begun; a
 * consumer that leaves is no longer waited for, and the source is closed when all have left.
 */
export function tee<T>(ctx: Ctx, source: Source<T>, { copies = 2, buffer = 0 }: TeeOptions = {}): Flow<T>[] {
  checkCount("tee", "copies", copies, 1);
  const hub = new Hub<T>(ctx, newReader(source), copies);
  return Array.from({ length: copies }, (_, i) => newFlow<T>(ctx, "tee", buffer, (ctx, out) => hub.serve(i, ctx, out)));
}

/** Copy is one flow as the hub sees it. Its context ends when its consumer has left. */
interface Copy<T> {
  readonly ctx: CancelCtx;
  readonly out: PromiseWithResolvers<Sender<T>>;
}

class Hub<T> {
  readonly #parent: Ctx;
  readonly #reader: Reader<T>;
  readonly #copies: number;
  #ctx: CancelCtx | undefined;
  #pump: Task<void> | undefined;
  readonly #all: Copy<T>[] = [];

  constructor(parent: Ctx, reader: Reader<T>, copies: number) {
    this.#parent = parent;
    this.#reader = reader;
    this.#copies = copies;
  }

  /** serve ends when there are no more values for a copy, or its consumer has left. */
  async serve(index: number, ctx: Ctx, out: Sender<T>): Promise<void> {
    const own = (this.#ctx ??= withCancel(this.#parent));
    while (this.#all.length < this.#copies) this.#all.push({ ctx: withCancel(own), out: Promise.withResolvers() });
    // There is one for each index.
    const copy = this.#all[index]!;
    copy.out.resolve(out);
    const pump = (this.#pump ??= go(own, () => this.#run(own), { name: "tee source" }));
    try {
      await orDone(ctx, pump);
    } finally {
      copy.ctx.cancel();
      if (this.#all.every((one) => one.ctx.err !== undefined)) {
        own.cancel();
        await pump.then(undefined, () => {});
      }
    }
  }

  async #run(ctx: CancelCtx): Promise<void> {
    try {
      for (let v = await this.#reader.next(ctx); v !== closed; v = await this.#reader.next(ctx)) {
        for (const copy of this.#all) await this.#give(copy, v);
        ctx.throwIfDone();
      }
    } finally {
      await this.#reader.close();
      ctx.cancel();
    }
  }

  async #give(copy: Copy<T>, value: T): Promise<void> {
    try {
      const out = await orDone(copy.ctx, copy.out.promise);
      await out.send(copy.ctx, value);
    } catch (err) {
      if (err !== copy.ctx.err) throw err;
    }
  }
}
