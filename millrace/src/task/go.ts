import { type CancelCtx, type Ctx, withCancel } from "../context/index.ts";
import { type TaskEntry, enter, leave } from "../runtime/registry.ts";

/** GoOptions names a task. */
export interface GoOptions {
  /** name is what the task is called in reports. Default: the function's own name, else "task". */
  readonly name?: string;
}

/**
 * go starts a task and returns before it runs: it starts in a microtask, with a child of ctx that the task owns.
 *
 * The caller owns the task: await it, or `await using task = go(…)`, which cancels it at the end of the block and waits
 * for it. The error of a task that nobody awaits reaches the process as an unhandled rejection; it is never lost.
 */
export function go<T>(ctx: Ctx, fn: (ctx: Ctx) => T | PromiseLike<T>, options: GoOptions = {}): Task<T> {
  return new Task(withCancel(ctx), fn, options.name ?? (fn.name || "task"));
}

/** Task is a running function: await it for its result, cancel it, or dispose it to do both. */
export class Task<T> implements PromiseLike<T>, AsyncDisposable {
  readonly name: string;
  readonly #ctx: CancelCtx;
  readonly #result: Promise<T>;

  /** @internal use go */
  constructor(ctx: CancelCtx, fn: (ctx: Ctx) => T | PromiseLike<T>, name: string) {
    this.name = name;
    this.#ctx = ctx;
    this.#result = run(ctx, fn, { name, startedAt: performance.now(), before: null, after: null });
  }

  /** then makes a task awaitable; it settles as its function does. */
  then<R = T, E = never>(
    onResult?: ((value: T) => R | PromiseLike<R>) | null,
    onError?: ((err: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    return this.#result.then(onResult, onError);
  }

  /** cancel ends the task's context; the function decides when it stops. */
  cancel(cause?: unknown): void {
    this.#ctx.cancel(cause);
  }

  /** Cancels the task and waits until it has ended; what it then throws because of that is its owner's no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    const canceledHere = this.#ctx.err === undefined;
    this.cancel();
    const err = this.#ctx.err;
    try {
      await this.#result;
    } catch (thrown) {
      if (!canceledHere || thrown !== err) throw thrown;
    }
  }
}

async function run<T>(ctx: CancelCtx, fn: (ctx: Ctx) => T | PromiseLike<T>, entry: TaskEntry): Promise<T> {
  enter(entry);
  try {
    await Promise.resolve();
    return await fn(ctx);
  } finally {
    leave(entry);
    ctx.cancel();
  }
}
