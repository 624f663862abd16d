import type { Ctx } from "../context/index.ts";
import { nodeOf, park } from "../context/node.ts";
import { rt } from "../runtime/hook.ts";
import { Parked } from "../runtime/parked.ts";
import { type TaskEntry, enter, leave, stamp } from "../runtime/registry.ts";
import { WaitQueue, ownerOf } from "../runtime/wait-queue.ts";
import { misuse } from "./misuse.ts";

const WAITERS = ownerOf("for a WaitGroup");

/**
 * WaitGroup counts tasks that run, for those who wait until none does. It can be used again when all who waited have
 * returned. It says nothing of errors: for tasks that can fail there is task's group. Source: Go's sync.WaitGroup.
 */
export class WaitGroup {
  #count = 0;
  // Waits that have been released and whose callers have not run yet.
  #returning = 0;
  readonly #waiters: WaitQueue = new WaitQueue(WAITERS);

  /**
   * add counts n more, or fewer if n is negative; at 0 all who wait are released. Throws failed_precondition if fewer
   * than none would be left ("sync/negative_wait_group"), or if a wait that was released has not returned yet
   * ("sync/wait_group_reused"); nothing is counted then.
   */
  add(n: number = 1): void {
    const count = this.#count + n;
    if (!Number.isSafeInteger(count)) throw new RangeError(`sync: wait group: want an integer to add, got ${n}`);
    if (count < 0) throw misuse("negative wait group counter", "negative_wait_group");
    if (this.#returning > 0 && n > 0) {
      throw misuse("wait group is reused before previous wait has returned", "wait_group_reused");
    }
    this.#count = count;
    if (rt !== null && n < 0) rt.before(this);
    if (count === 0) this.#releaseAll();
  }

  /** done counts one less, as add(-1). */
  done(): void {
    this.add(-1);
  }

  /** wait returns when the count is 0; rejects with ctx.err, which does not change the count. */
  wait(ctx: Ctx): Promise<void> {
    const node = nodeOf(ctx);
    if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
    if (rt !== null && this.#count === 0) rt.after(this, null);
    if (this.#count === 0) return Promise.resolve();
    const waiter = new Parked();
    const promise = waiter.promise<void>();
    this.#waiters.push(waiter);
    park(node, waiter);
    // The first reaction, and so it runs right before the caller goes on.
    promise.then(
      () => void this.#returning--,
      () => {},
    );
    return promise;
  }

  /**
   * go counts one more, starts a function in a microtask, and counts one less when it has ended, in whatever way. Its
   * error reaches the process as an unhandled rejection: a function that may fail belongs to a group of tasks.
   */
  go(fn: () => unknown): void {
    this.add(1);
    void this.#run(fn);
  }

  async #run(fn: () => unknown): Promise<void> {
    const entry: TaskEntry = {
      name: fn.name || "task",
      startedAt: stamp(),
      state: "running",
      waits: undefined,
      older: null,
      newer: null,
    };
    enter(entry);
    try {
      await Promise.resolve();
      await fn();
    } finally {
      leave(entry);
      this.done();
    }
  }

  #releaseAll(): void {
    for (let waiter = this.#waiters.first(); waiter !== null; waiter = this.#waiters.first()) {
      this.#waiters.shift();
      this.#returning++;
      if (rt !== null) rt.after(this, waiter);
      waiter.complete(undefined);
    }
  }
}
