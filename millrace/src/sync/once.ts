import { rt } from "../runtime/hook.ts";

/** OnceOptions say what becomes of a run that fails. */
export interface OnceOptions {
  /** retryOnError lets the next call run the function again after a run that threw or rejected. Default: false. */
  readonly retryOnError?: boolean;
}

// One for all calls after the run.
const DONE: Promise<void> = Promise.resolve();

/**
 * Once runs one function, once. A run that fails counts as done too. The function must not wait for the same Once: it
 * would wait for itself. Source: Go's sync.Once.
 */
export class Once {
  readonly #retryOnError: boolean;
  // The run, while it is under way, and DONE afterwards.
  #run: Promise<void> | null = null;

  constructor(options: OnceOptions = {}) {
    this.#retryOnError = options.retryOnError ?? false;
  }

  /**
   * do calls the function, in the same step, if this is the first call; all calls during the run share its promise, and
   * so its error; later ones, with whatever function, do nothing.
   */
  do(fn: () => unknown): Promise<void> {
    if (rt !== null) rt.after(this, null);
    if (this.#run !== null) return this.#run;
    const { promise, settle } = pending<void>();
    // Before the function runs: it may come back here.
    this.#run = promise;
    void settle(
      async () => void (await fn()),
      (failed) => {
        if (rt !== null) rt.before(this);
        this.#run = failed && this.#retryOnError ? null : DONE;
      },
    );
    return promise;
  }
}

/**
 * onceValue makes a function that calls another one once, at its first call, and gives its result to every call: the same
 * promise, and so the same value or error. With retryOnError an error is given to the calls of its run alone. The
 * function is not kept when it is not needed any more. Source: Go's sync.OnceValue.
 */
export function onceValue<T>(fn: () => T | PromiseLike<T>, options: OnceOptions = {}): () => Promise<T> {
  const { retryOnError = false } = options;
  let call: typeof fn | null = fn;
  let result: Promise<T> | null = null;
  return () => {
    if (result !== null) return result;
    const { promise, settle } = pending<T>();
    result = promise;
    // There is no result only while there is a function to call.
    void settle(call!, (failed) => {
      if (failed && retryOnError) result = null;
      else call = null;
    });
    return promise;
  };
}

interface Pending<T> {
  readonly promise: Promise<T>;
  /** settle calls a function and gives its outcome to the promise, after it has said whether that is a failure. */
  readonly settle: (fn: () => T | PromiseLike<T>, ended: (failed: boolean) => void) => Promise<void>;
}

// A promise that is there before the function that settles it is called.
function pending<T>(): Pending<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  return {
    promise,
    async settle(fn, ended) {
      try {
        const value = await fn();
        ended(false);
        resolve(value);
      } catch (err) {
        ended(true);
        reject(err);
      }
    },
  };
}
