import type { Ctx } from "../context/index.ts";
import { Outcome } from "./outcome.ts";
import { nameOf } from "./task-node.ts";

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
export function go<T>(ctx: Ctx, fn: (ctx: Ctx) => T | PromiseLike<T>, options?: GoOptions): Task<T> {
  const outcome = new Outcome(ctx, options?.name ?? nameOf(fn));
  outcome.begin(fn);
  return new Task<T>(outcome);
}

/** Task is a running function: await it for its result, cancel it, or dispose it to do both. */
export class Task<T> implements PromiseLike<T>, AsyncDisposable {
  // Not the task itself: the function is given the node as its context, and a context must not be awaitable.
  readonly #outcome: Outcome;

  /** @internal use go */
  constructor(outcome: Outcome) {
    this.#outcome = outcome;
  }

  /** name is what the task is called in reports. */
  get name(): string {
    return this.#outcome.name;
  }

  /** then makes a task awaitable; it settles as its function does. */
  then<R = T, E = never>(
    onResult?: ((value: T) => R | PromiseLike<R>) | null,
    onError?: ((err: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    // The function of this task gives a T.
    return (this.#outcome.promise() as Promise<T>).then(onResult, onError);
  }

  /** cancel ends the task's context; the function decides when it stops. */
  cancel(cause?: unknown): void {
    this.#outcome.cancel(cause);
  }

  /**
   * Cancels the task and waits until it has ended. Then it throws what the task has thrown, unless that was only the
   * cancel, or somebody has awaited the task and so knows it.
   *
   * A getter, because `await using` reads it where the task is declared: from then on its error is the block's, and a
   * task that fails while the block waits for something else does not end the process.
   */
  get [Symbol.asyncDispose](): () => Promise<void> {
    this.#outcome.owned = true;
    return () => this.#dispose();
  }

  async #dispose(): Promise<void> {
    const outcome = this.#outcome;
    const { awaited } = outcome;
    const canceledHere = outcome.err === undefined;
    outcome.cancel();
    try {
      await outcome.promise();
    } catch (thrown) {
      if (!awaited && (!canceledHere || thrown !== outcome.err)) throw thrown;
    }
  }
}
