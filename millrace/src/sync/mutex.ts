import type { Ctx } from "../context/index.ts";
import { nodeOf, park } from "../context/node.ts";
import { rt } from "../runtime/hook.ts";
import { Parked } from "../runtime/parked.ts";
import { WaitQueue, ownerOf } from "../runtime/wait-queue.ts";
import { type Guard, within } from "./guard.ts";
import { misuse } from "./misuse.ts";

interface MutexGuard extends Guard {
  readonly mutex: Mutex;
  turn: number;
}

const LOCKERS = ownerOf("for the lock of a Mutex");

/**
 * Mutex is a lock that one task holds at a time, across its awaits. Whoever waits gets it in the order of the calls: a
 * release hands it over, and nobody overtakes. It is not re-entrant: a task that locks it twice waits for itself.
 * Source: Go's sync.Mutex.
 */
export class Mutex {
  // While it is false nobody waits.
  #locked = false;
  // Counts the releases: a guard of an earlier turn releases nothing.
  #turn = 0;
  readonly #waiters: WaitQueue = new WaitQueue(LOCKERS);

  constructor() {
    if (rt !== null) rt.made(this);
  }

  /** lock takes the lock, or waits for it; rejects with ctx.err, also if the lock is free, and then holds nothing. */
  lock(ctx: Ctx): Promise<Guard> {
    const node = nodeOf(ctx);
    if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
    if (!this.#locked) return Promise.resolve(this.#take(null));
    const waiter = new Parked();
    const promise = waiter.promise<Guard>();
    if (rt !== null) rt.parked(this, waiter);
    this.#waiters.push(waiter);
    park(node, waiter);
    return promise;
  }

  /** tryLock takes the lock if it is free. */
  tryLock(): Guard | undefined {
    return this.#locked ? undefined : this.#take(null);
  }

  /**
   * unlock releases the lock, whoever holds it, and so makes its guard do nothing: cheaper than `using` on hot paths.
   * Throws failed_precondition ("sync/unlock_of_unlocked") if it is not locked.
   */
  unlock(): void {
    if (!this.#locked) throw misuse("unlock of an unlocked mutex", "unlock_of_unlocked");
    this.#release(null);
  }

  /** withLock runs a function under the lock, and releases it when the function has ended, in whatever way. */
  async withLock<T>(ctx: Ctx, fn: (ctx: Ctx) => T | PromiseLike<T>): Promise<T> {
    const guard = await this.lock(ctx);
    try {
      return await (rt === null ? fn(ctx) : within(rt, guard, fn, ctx));
    } finally {
      guard[Symbol.dispose]();
    }
  }

  /** @internal holds says whether this guard holds the lock now. */
  holds(guard: Guard): guard is MutexGuard {
    const { mutex, turn } = guard as Partial<MutexGuard>;
    return mutex === this && turn === this.#turn;
  }

  /** @internal suspend releases the lock for a guard that a Cond will let it regain, and returns that guard. */
  suspend(guard: Guard): Guard {
    if (!this.holds(guard)) throw misuse("wait with a guard that does not hold the lock", "wait_without_lock");
    this.#release(guard);
    return guard;
  }

  /** @internal regain resolves a waiter when the guard that suspend gave it, its value, holds the lock again. */
  regain(waiter: Parked): void {
    if (this.#locked) this.#waiters.push(waiter);
    else this.#handTo(waiter);
  }

  #take(waiter: Parked | null): Guard {
    this.#locked = true;
    // A lock parks without a value, a Cond with the guard that it had.
    let guard = waiter === null ? undefined : (waiter.value as MutexGuard | undefined);
    if (guard === undefined) guard = { mutex: this, turn: this.#turn, [Symbol.dispose]: dispose };
    else guard.turn = this.#turn;
    if (rt !== null) rt.taken(this, guard, waiter);
    return guard;
  }

  #release(guard: Guard | null): void {
    if (rt !== null) rt.released(this, guard);
    this.#turn++;
    const waiter = this.#waiters.first();
    if (waiter === null) {
      this.#locked = false;
      return;
    }
    this.#waiters.shift();
    this.#handTo(waiter);
  }

  #handTo(waiter: Parked): void {
    waiter.complete(this.#take(waiter));
  }

  /** @internal drop is the release of a guard, if it still holds the lock. */
  drop(guard: MutexGuard): void {
    if (guard.turn === this.#turn) this.#release(guard);
  }
}

// The function of all guards.
function dispose(this: MutexGuard): void {
  this.mutex.drop(this);
}
