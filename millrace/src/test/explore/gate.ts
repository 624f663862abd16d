import { isNative, isPlain, thenNatively } from "../world/intercept.ts";
import type { Callback } from "../world/world.ts";
import type { Kind } from "./step.ts";

/** Arrive makes a step of what may go on: what a promise is settled with, and whether that is an error. */
export type Arrive = (go: () => void, value?: unknown, rejected?: boolean) => void;

/** gate is promise.then(…) whose callbacks wait until their step is taken. */
export function gate(
  kind: Kind,
  promise: Promise<unknown>,
  onResult: Callback,
  onError: Callback,
  arrive: Arrive,
): Promise<unknown> {
  if (!isPlain(promise)) return gatedInside(promise, onResult, onError, arrive);
  // What the engine gives to the promise of an await are functions that resume it, and it asks for no result.
  if (kind === "await" && isNative(onResult)) {
    return thenNatively(
      promise,
      (value) => arrive(() => onResult(value), value),
      (err) => arrive(() => onError!(err), undefined, true),
    );
  }
  return gated(promise, onResult, onError, arrive);
}

function gated(promise: Promise<unknown>, onResult: Callback, onError: Callback, arrive: Arrive): Promise<unknown> {
  const { promise: opened, resolve, reject } = Promise.withResolvers<unknown>();
  void thenNatively(
    promise,
    (value) => arrive(() => resolve(value), value),
    (err) => arrive(() => reject(err), undefined, true),
  );
  return thenNatively(opened, onResult, onError);
}

// Of a promise of a subclass `then` makes another of that class.
function gatedInside(
  promise: Promise<unknown>,
  onResult: Callback,
  onError: Callback,
  arrive: Arrive,
): Promise<unknown> {
  const wrap = (callback: Callback, otherwise: Callback) => (value: never) => {
    const opened = new Promise<unknown>((resolve) => arrive(() => resolve(undefined)));
    return thenNatively(opened, () => (callback ?? otherwise)!(value), undefined);
  };
  return thenNatively(
    promise,
    wrap(onResult, (value) => value),
    wrap(onError, (err) => {
      throw err;
    }),
  );
}
