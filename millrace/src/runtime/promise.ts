type Resolve = (value: never) => void;
type Reject = (err: unknown) => void;

let resolve: Resolve;
let reject: Reject;

function capture(onResult: Resolve, onError: Reject): void {
  resolve = onResult;
  reject = onError;
}

/** Settler is what settles one parked promise. */
export interface Settler {
  resolve: ((value: never) => void) | null;
  reject: ((err: unknown) => void) | null;
}

/**
 * parked makes the promise of a parked wait and hands its two functions to the waiter. The executor is one function
 * for all of them: a closure for each would cost a third of an unbuffered hand-off.
 */
export function parked<T>(waiter: Settler): Promise<T> {
  const promise = new Promise<T>(capture);
  waiter.resolve = resolve;
  waiter.reject = reject;
  return promise;
}
