import { handOff } from "./budget.ts";
import type { WaitQueue } from "./wait-queue.ts";
import { Waiter, type WaiterHost } from "./waiter.ts";

type Resolve = (value: never) => void;
type Reject = (err: unknown) => void;

let resolve: Resolve;
let reject: Reject;

function capture(onResult: Resolve, onError: Reject): void {
  resolve = onResult;
  reject = onError;
}

/** Parked is one wait of a task: for a value, for room, for a lock. It stands in a queue and hangs on a context. */
export class Parked extends Waiter {
  resolve: Resolve | null = null;
  reject: Reject | null = null;
  /** value is what a parked send brings. */
  value: unknown = undefined;
  queue: WaitQueue | null = null;
  ahead: Parked | null = null;
  behind: Parked | null = null;

  override get waits(): string | undefined {
    return this.queue?.owner?.waits;
  }

  /** The context ended: leave the queue, and fail with its error. */
  wake(host: WaiterHost): void {
    const queue = this.queue;
    queue?.remove(this);
    this.fail(host.err);
    queue?.owner?.admit();
  }

  /** complete ends the wait with what it waited for; whoever calls it has unlinked the waiter. */
  complete(value: unknown): void {
    // The promise was made for a value of this type.
    handOff(this.resolve as (value: unknown) => void, value);
  }

  /** fail ends the wait with an error; whoever calls it has unlinked the waiter. */
  fail(err: unknown): void {
    // A wait that can fail has a promise.
    handOff(this.reject as Reject, err);
  }

  /**
   * promise makes the promise of this wait. The executor is one function for all of them: a closure for each would cost
   * a third of an unbuffered hand-off.
   */
  promise<T>(): Promise<T> {
    const promise = new Promise<T>(capture);
    this.resolve = resolve;
    this.reject = reject;
    return promise;
  }
}
