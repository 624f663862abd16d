import { Arm, type RecvCase } from "../runtime/arm.ts";
import { rt } from "../runtime/hook.ts";
import type { Parked } from "../runtime/parked.ts";
import { WaitQueue } from "../runtime/wait-queue.ts";

/**
 * fromPromise makes a case of a select from a promise: it gives the promise's value once, and is never ready again. If
 * the promise rejects, so does the select that takes the case. Any number of cases of one promise share one reaction,
 * so that a loop over a promise that stays pending holds no memory; the loser's error is the promise's maker's to see.
 */
export function fromPromise<T>(promise: PromiseLike<T>): RecvCase<T> {
  let settled = known.get(promise);
  if (settled === undefined) known.set(promise, (settled = new Settled(promise)));
  // What is known of a promise has the promise's type.
  return new PromiseArm(settled as Settled<T>);
}

const known = new WeakMap<PromiseLike<unknown>, Settled<unknown>>();

type Outcome<T> = { readonly value: T } | { readonly err: unknown };

// What is known of a promise, and which cases wait to know. It does not hold the promise.
class Settled<T> {
  readonly waiting: Set<PromiseArm<T>> = new Set();
  outcome: Outcome<T> | undefined = undefined;

  constructor(promise: PromiseLike<T>) {
    promise.then(
      (value) => this.#settle({ value }),
      (err: unknown) => this.#settle({ err }),
    );
  }

  #settle(outcome: Outcome<T>): void {
    this.outcome = outcome;
    if (rt !== null) rt.before(this);
    for (const arm of this.waiting) arm.settle(outcome);
    this.waiting.clear();
  }
}

class PromiseArm<T> extends Arm<T> {
  readonly #settled: Settled<T>;
  readonly #waiters: WaitQueue = new WaitQueue();
  #spent = false;

  constructor(settled: Settled<T>) {
    super();
    this.#settled = settled;
  }

  ready(): boolean {
    return !this.#spent && this.#settled.outcome !== undefined;
  }

  take(): T {
    // Taken only when it is ready.
    const outcome = this.#settled.outcome!;
    if (rt !== null) rt.after(this.#settled, null);
    this.#spent = true;
    if ("err" in outcome) throw outcome.err;
    return outcome.value;
  }

  join(waiter: Parked): void {
    this.#waiters.push(waiter);
    if (!this.#spent) this.#settled.waiting.add(this);
  }

  leave(waiter: Parked): void {
    waiter.queue?.remove(waiter);
    if (this.#waiters.empty) this.#settled.waiting.delete(this);
  }

  /** settle gives the outcome to the one who has waited longest; the others wait on, for nothing. */
  settle(outcome: Outcome<T>): void {
    const waiter = this.#waiters.shift();
    if (waiter === null) return;
    this.#spent = true;
    if ("err" in outcome) waiter.fail(outcome.err);
    else waiter.complete(outcome.value);
  }
}
