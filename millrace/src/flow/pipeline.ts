import type { Ctx } from "../context/index.ts";
import { Flow } from "./flow.ts";
import { merge } from "./merge.ts";
import type { Source } from "./source.ts";

/** Stage is a step of a pipeline: map, batch and the others of this folder, or an async generator over merge(ctx, source). */
export type Stage<A, B> = (ctx: Ctx, source: Source<A>) => Source<B>;

/**
 * pipeline composes stages under one context, from a source to a loop:
 *
 *     const sums = pipeline(ctx, paths)
 *       .through((ctx, paths) => map(ctx, paths, { workers: 8 }, digest))
 *       .through((ctx, sums) => batch(ctx, sums, { size: 100, withinMs: 50 }));
 *     for await (const some of sums) await store(ctx, some);
 *
 * An error in a stage comes out of the loop after what was produced before it; leaving the loop ends every stage, the
 * last one first, and the source.
 */
export function pipeline<T>(ctx: Ctx, source: Source<T>): Pipeline<T> {
  return new Pipeline(ctx, source);
}

/** Pipeline is a source and the stages that its values go through; iterate it once. */
export class Pipeline<T> implements AsyncIterable<T, undefined> {
  readonly #ctx: Ctx;
  readonly #source: Source<T>;

  /** @internal use pipeline */
  constructor(ctx: Ctx, source: Source<T>) {
    this.#ctx = ctx;
    this.#source = source;
  }

  /** through adds a stage. */
  through<U>(stage: Stage<T, U>): Pipeline<U> {
    return new Pipeline(this.#ctx, stage(this.#ctx, this.#source));
  }

  /** drain runs the pipeline to its end for what its stages do. */
  async drain(): Promise<void> {
    for await (const _ of this);
  }

  [Symbol.asyncIterator](): Flow<T> {
    return this.#source instanceof Flow ? this.#source : merge(this.#ctx, this.#source);
  }
}
