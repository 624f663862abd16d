import type { Ctx } from "../context/index.ts";
import { nodeOf, park } from "../context/node.ts";
import { rt } from "../runtime/hook.ts";
import { Parked } from "../runtime/parked.ts";
import { WaitQueue, ownerOf } from "../runtime/wait-queue.ts";
import type { WaiterHost } from "../runtime/waiter.ts";
import type { Guard } from "./guard.ts";
import type { Guarded } from "./guarded.ts";
import type { Mutex } from "./mutex.ts";
import type { RWMutex } from "./rw-mutex.ts";

const WAITERS = ownerOf("for the signal of a Cond");

/**
 * Cond is where tasks that hold a lock wait until others, under the same lock, have made something true:
 * `while (!ready) await cond.wait(ctx, guard)`. Whoever is woken queues for the lock at once, in the order of the waits.
 * Source: Go's sync.Cond.
 */
export class Cond {
  readonly #lock: Locker;
  readonly #waiters: WaitQueue = new WaitQueue(WAITERS);

  /** The lock that the guards of all waits hold; of an RWMutex it is the writer's. */
  constructor(lock: Mutex | RWMutex | Guarded<unknown>) {
    this.#lock = lock;
  }

  /**
   * wait releases the guard's lock, waits for signal or broadcast, and takes the lock again before it returns; rejects
   * with ctx.err, and then too the guard holds the lock again first, however long that takes. A ctx that is done already
   * rejects without releasing. Rejects with failed_precondition ("sync/wait_without_lock") if the guard does not hold it.
   */
  async wait(ctx: Ctx, guard: Guard): Promise<void> {
    const node = nodeOf(ctx);
    if (node.core.ended !== null) throw node.core.ended.error();
    const waiter = new CondWait(this.#lock);
    const locked = waiter.promise<void>();
    waiter.value = this.#lock.suspend(guard);
    this.#waiters.push(waiter);
    park(node, waiter);
    await locked;
    if (waiter.err !== undefined) throw waiter.err;
  }

  /** signal wakes the one who has waited longest, if anyone waits; it need not hold the lock. */
  signal(): void {
    const waiter = this.#waiters.first();
    if (waiter === null) return;
    this.#waiters.shift();
    if (rt !== null) rt.before(waiter);
    this.#lock.regain(waiter);
  }

  /** broadcast wakes all who wait now; it need not hold the lock. */
  broadcast(): void {
    while (!this.#waiters.empty) this.signal();
  }
}

/** Locker is the part of a lock that only a Cond uses. */
interface Locker {
  suspend(guard: Guard): Guard;
  regain(waiter: Parked): void;
}

/** CondWait goes from the queue of a Cond to that of the lock, and resolves when it has the lock, whatever woke it. */
class CondWait extends Parked {
  readonly #lock: Locker;
  /** err is why the wait failed, if it did. */
  err: Error | undefined = undefined;

  constructor(lock: Locker) {
    super();
    this.#lock = lock;
  }

  override wake(host: WaiterHost): void {
    this.queue?.remove(this);
    this.err = host.err;
    this.#lock.regain(this);
  }
}
