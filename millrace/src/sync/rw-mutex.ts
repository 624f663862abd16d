import type { Ctx } from "../context/index.ts";
import { type CtxNode, nodeOf, park } from "../context/node.ts";
import { rt } from "../runtime/hook.ts";
import { Parked } from "../runtime/parked.ts";
import { WaitQueue, ownerOf } from "../runtime/wait-queue.ts";
import { Claims } from "./claims.ts";
import { type Guard, within } from "./guard.ts";
import { misuse } from "./misuse.ts";

interface RWGuard extends Guard {
  readonly lock: RWMutex;
  readonly writes: boolean;
  /** turn is that of the lock while the guard holds it, -1 once it has released it. */
  turn: number;
}

const READERS = ownerOf("for the reader's lock of an RWMutex");

/**
 * RWMutex is a lock that many readers or one writer hold. A writer that waits keeps new readers out, so that it gets its
 * turn; after a writer all readers that came meanwhile enter, before the next writer. Neither kind is re-entrant: also a
 * reader that reads again waits for itself, once a writer waits. Source: Go's sync.RWMutex.
 */
export class RWMutex {
  // A writer, or readers, or neither.
  #writing = false;
  #readers = 0;
  // Writers wait while anyone holds the lock; readers wait while a writer holds it or waits.
  readonly #waitingWriters: WaitQueue = new WaitQueue(this);
  readonly #waitingReaders: WaitQueue = new WaitQueue(READERS);
  // Counts how often the lock was left by all: a guard of an earlier turn releases nothing.
  #turn = 0;
  // Of the readers.
  readonly #claims: Claims = new Claims();

  constructor() {
    if (rt !== null) rt.made(this);
  }

  /** @internal waits is what its writers wait for. */
  get waits(): string {
    return "for the writer's lock of an RWMutex";
  }

  /** lock takes the lock for writing, or waits for it; rejects with ctx.err, and then holds nothing. */
  lock(ctx: Ctx): Promise<Guard> {
    const node = nodeOf(ctx);
    if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
    const guard = this.tryLock();
    return guard === undefined ? this.#park(node, this.#waitingWriters) : Promise.resolve(guard);
  }

  /** rlock takes the lock for reading, or waits for it; rejects with ctx.err, and then holds nothing. */
  rlock(ctx: Ctx): Promise<Guard> {
    const node = nodeOf(ctx);
    if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
    const guard = this.tryRLock();
    return guard === undefined ? this.#park(node, this.#waitingReaders) : Promise.resolve(guard);
  }

  /** tryLock takes the lock for writing if nobody holds it. */
  tryLock(): Guard | undefined {
    return this.#writing || this.#readers > 0 ? undefined : this.#write(null);
  }

  /** tryRLock takes the lock for reading if no writer holds it or waits for it. */
  tryRLock(): Guard | undefined {
    return this.#writing || !this.#waitingWriters.empty ? undefined : this.#read(null);
  }

  /**
   * unlock releases the writer's lock, and so makes its guard do nothing.
   * Throws failed_precondition ("sync/unlock_of_unlocked") if there is no writer.
   */
  unlock(): void {
    if (!this.#writing) throw misuse("unlock of a mutex not locked for writing", "unlock_of_unlocked");
    this.#leave(true, null);
  }

  /**
   * runlock releases one reader's lock; whose lock was released so must not dispose the guard as well.
   * Throws failed_precondition ("sync/runlock_of_unlocked") if there is no reader; where a test watches, readers whose
   * guard is in a `using` are not counted.
   */
  runlock(): void {
    if (this.#readers === this.#claims.count)
      throw misuse("runlock of a mutex not locked for reading", "runlock_of_unlocked");
    this.#leave(false, null);
  }

  /** withLock runs a function under the writer's lock, and releases it when the function has ended, in whatever way. */
  async withLock<T>(ctx: Ctx, fn: (ctx: Ctx) => T | PromiseLike<T>): Promise<T> {
    const guard = await this.lock(ctx);
    try {
      return await (rt === null ? fn(ctx) : within(rt, guard, fn, ctx));
    } finally {
      guard[Symbol.dispose]();
    }
  }

  /** withRLock runs a function under a reader's lock, and releases it when the function has ended, in whatever way. */
  async withRLock<T>(ctx: Ctx, fn: (ctx: Ctx) => T | PromiseLike<T>): Promise<T> {
    const guard = await this.rlock(ctx);
    try {
      return await (rt === null ? fn(ctx) : within(rt, guard, fn, ctx));
    } finally {
      guard[Symbol.dispose]();
    }
  }

  /** @internal suspend releases the writer's lock for a guard that a Cond will let it regain, and returns that guard. */
  suspend(guard: Guard): Guard {
    const { lock, writes, turn } = guard as Partial<RWGuard>;
    if (lock !== this || writes !== true || turn !== this.#turn) {
      throw misuse("wait with a guard that does not hold the lock", "wait_without_lock");
    }
    this.#leave(true, guard);
    return guard;
  }

  /** @internal regain resolves a waiter when the guard that suspend gave it, its value, holds the lock again. */
  regain(waiter: Parked): void {
    this.#waitingWriters.push(waiter);
    this.admit();
  }

  /** @internal drop is the release of a guard, if it still holds the lock. */
  drop(guard: RWGuard): void {
    if (guard.turn !== this.#turn) return;
    guard.turn = -1;
    this.#leave(guard.writes, guard);
  }

  /** @internal admit lets the next in: a writer if nobody holds the lock, readers if no writer holds it or waits. */
  admit(): void {
    if (this.#writing) return;
    const waiter = this.#waitingWriters.first();
    if (waiter === null) return this.#admitReaders();
    if (this.#readers > 0) return;
    this.#waitingWriters.shift();
    waiter.complete(this.#write(waiter));
  }

  #park(node: CtxNode, queue: WaitQueue): Promise<Guard> {
    const waiter = new Parked();
    const promise = waiter.promise<Guard>();
    if (rt !== null) rt.parked(this, waiter, queue === this.#waitingReaders);
    queue.push(waiter);
    park(node, waiter);
    return promise;
  }

  #write(waiter: Parked | null): Guard {
    this.#writing = true;
    // A lock parks without a value, a Cond with the guard that it had.
    let guard = waiter === null ? undefined : (waiter.value as RWGuard | undefined);
    if (guard === undefined) guard = { lock: this, writes: true, turn: this.#turn, [Symbol.dispose]: dispose };
    else guard.turn = this.#turn;
    if (rt !== null) rt.taken(this, guard, waiter);
    return guard;
  }

  #read(waiter: Parked | null): Guard {
    this.#readers++;
    const guard: RWGuard = { lock: this, writes: false, turn: this.#turn, [Symbol.dispose]: dispose };
    if (rt !== null) {
      this.#watch(guard);
      rt.taken(this, guard, waiter);
    }
    return guard;
  }

  // The closure is made here: a function that makes one pays for it on every path.
  #watch(guard: RWGuard): void {
    this.#claims.watch(guard, () => {
      if (guard.turn === this.#turn && this.#readers > this.#claims.count) return 1;
      guard.turn = -1;
      return 0;
    });
  }

  #leave(writer: boolean, guard: Guard | null): void {
    if (rt !== null) rt.released(this, guard);
    if (writer) this.#writing = false;
    else this.#readers--;
    if (this.#readers > 0) return;
    this.#turn++;
    // Readers that came while a writer was at work go before the next writer.
    if (writer) this.#admitReaders();
    this.admit();
  }

  #admitReaders(): void {
    for (let waiter = this.#waitingReaders.first(); waiter !== null; waiter = this.#waitingReaders.first()) {
      this.#waitingReaders.shift();
      waiter.complete(this.#read(waiter));
    }
  }
}

// The function of all guards.
function dispose(this: RWGuard): void {
  this.lock.drop(this);
}
