import { rt } from "../runtime/hook.ts";
import { misuse } from "./misuse.ts";

/** ObjectPoolOptions say how much a pool keeps, and how long. */
export interface ObjectPoolOptions {
  /** maxIdle is how many items the pool keeps at most; what is put beyond that is dropped. Default: 64, least: 0. */
  readonly maxIdle?: number;
  /** sweepMs is the time between sweeps: what nobody got during two of them is dropped. Default: 30,000, least: 1. */
  readonly sweepMs?: number;
}

/**
 * ObjectPool keeps items that are dear to make, for the next who needs one. It owns no item that is in use, so that one
 * which is never put back is merely lost. A pool without a function that creates has a T that includes undefined.
 * Source: Go's sync.Pool.
 */
export class ObjectPool<T> {
  readonly #create: (() => T) | undefined;
  readonly #maxIdle: number;
  readonly #sweepMs: number;
  // What was put since the last sweep, and what was there then: the next sweep drops the latter.
  #fresh: T[] = [];
  #old: T[] = [];
  // Set while there are items.
  #timer: NodeJS.Timeout | undefined = undefined;

  /** Throws a RangeError for options out of their range. */
  constructor(...[create, options = {}]: ObjectPoolArguments<T>) {
    const { maxIdle = 64, sweepMs = 30_000 } = options;
    if (!(Number.isSafeInteger(maxIdle) && maxIdle >= 0)) {
      throw new RangeError(`sync: object pool: want a maxIdle that is an integer of 0 or more, got ${maxIdle}`);
    }
    if (!(sweepMs >= 1 && sweepMs < 2 ** 31)) {
      throw new RangeError(`sync: object pool: want a sweepMs from 1 to 2^31 - 1, got ${sweepMs}`);
    }
    this.#create = create;
    this.#maxIdle = maxIdle;
    this.#sweepMs = sweepMs;
  }

  /** idle is the number of items in the pool. */
  get idle(): number {
    return this.#fresh.length + this.#old.length;
  }

  /** get takes an item out of the pool, which one is not said, or creates one; without create there may be none. */
  get(): T {
    const items = this.#fresh.length > 0 ? this.#fresh : this.#old;
    // An array that is not empty pops a T, also if that is undefined; a pool without create has undefined in its T.
    if (rt !== null && items.length > 0) rt.after(items.at(-1), null);
    if (items.length > 0) return items.pop() as T;
    return this.#create === undefined ? (undefined as T) : this.#create();
  }

  /**
   * put gives an item to the pool, which may drop it; the caller must not use it any more. While a test watches, an item
   * that is in the pool already throws failed_precondition ("sync/double_put").
   */
  put(item: T): void {
    if (rt !== null && (this.#fresh.includes(item) || this.#old.includes(item))) {
      throw misuse("put of an item that is in the pool already", "double_put");
    }
    if (this.idle >= this.#maxIdle) return;
    if (rt !== null) rt.before(item);
    this.#fresh.push(item);
    // It holds no process alive: all that it does is to forget.
    this.#timer ??= setInterval(() => this.#sweep(), this.#sweepMs).unref();
  }

  /** use runs a function with an item, and puts that back when the function has ended, in whatever way. */
  async use<R>(fn: (item: T) => R | PromiseLike<R>): Promise<R> {
    const item = this.get();
    try {
      return await fn(item);
    } finally {
      this.put(item);
    }
  }

  #sweep(): void {
    this.#old = this.#fresh;
    this.#fresh = [];
    if (this.#old.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

type ObjectPoolArguments<T> = undefined extends T
  ? [create?: () => T, options?: ObjectPoolOptions]
  : [create: () => T, options?: ObjectPoolOptions];
