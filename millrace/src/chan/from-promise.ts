import { Arm, type RecvCase } from "../runtime/arm.ts";
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

// What is known of a promise, and who waits to know.
class Settled<T> {
  readonly waiters: WaitQueue = new WaitQueue();
  outcome: { readonly value: T } | { readonly err: unknown } | undefined = undefined;

  constructor(promise: PromiseLike<T>) {
    const settle = (outcome: { readonly value: T } | { readonly err: unknown }): void => {
      this.outcome = outcome;
      for (let waiter = this.waiters.shift(); waiter !== null; waiter = this.waiters.shift()) tell(waiter, outcome);
    };
    promise.then(
      (value) => settle({ value }),
      (err: unknown) => settle({ err }),
    );
  }
}
