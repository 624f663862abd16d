import type { Ctx } from "../context/index.ts";
import { rt } from "../runtime/hook.ts";
import type { Parked } from "../runtime/parked.ts";
import { type Guard, within } from "./guard.ts";
import { misuse } from "./misuse.ts";
import { Mutex } from "./mutex.ts";

/** ValueGuard is a held Guarded: the way to its value, for as long as it is held. */
export interface ValueGuard<T> extends Guard {
  /** value reads and writes. Throws failed_precondition ("sync/guard_released") once the guard is released. */
  value: T;
}

/** Guarded is a value with its Mutex: nobody reaches the value but the one who holds the lock. */
export class Guarded<T> {
  readonly #cell: Cell<T>;

  constructor(value: T) {
    this.#cell = { mutex: new Mutex(), value };
  }

  /** lock takes the lock, or waits for it; rejects with ctx.err, and then holds nothing. */
  async lock(ctx: Ctx): Promise<ValueGuard<T>> {
    return new Held(this.#cell, await this.#cell.mutex.lock(ctx));
  }

  /** tryLock takes the lock if it is free. */
  tryLock(): ValueGuard<T> | undefined {
    const guard = this.#cell.mutex.tryLock();
    return guard === undefined ? undefined : new Held(this.#cell, guard);
  }

  /** withLock runs a function with the value in reach, and releases the lock when it has ended, in whatever way. */
  async withLock<R>(ctx: Ctx, fn: (ctx: Ctx, held: ValueGuard<T>) => R | PromiseLike<R>): Promise<R> {
    const held = await this.lock(ctx);
    try {
      return await (rt === null ? fn(ctx, held) : within(rt, held, fn, ctx, held));
    } finally {
      held[Symbol.dispose]();
    }
  }

  /** @internal suspend releases the lock for a guard that a Cond will let it regain, and returns that guard. */
  suspend(guard: Guard): Guard {
    // What is no guard of a Guarded is none of this one's mutex either, which refuses it.
    return this.#cell.mutex.suspend(guard instanceof Held ? guard.inner : guard);
  }

  /** @internal regain resolves a waiter when the guard that suspend gave it holds the lock again. */
  regain(waiter: Parked): void {
    this.#cell.mutex.regain(waiter);
  }
}

interface Cell<T> {
  readonly mutex: Mutex;
  value: T;
}

class Held<T> implements ValueGuard<T> {
  /** inner is the guard of the mutex. */
  readonly inner: Guard;
  readonly #cell: Cell<T>;

  constructor(cell: Cell<T>, inner: Guard) {
    this.#cell = cell;
    this.inner = inner;
  }

  get value(): T {
    return this.#reach().value;
  }

  set value(value: T) {
    this.#reach().value = value;
  }

  [Symbol.dispose](): void {
    this.inner[Symbol.dispose]();
  }

  #reach(): Cell<T> {
    if (this.#cell.mutex.holds(this.inner)) return this.#cell;
    throw misuse("use of a guarded value after its guard was released", "guard_released");
  }
}
