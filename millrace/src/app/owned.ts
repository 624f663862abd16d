import type { Doing } from "./stage.ts";

/** Describable can say what it is busy with, in a few words each: a server its requests, a pool its statements. */
export interface Describable {
  /** describe is for the report of what did not end in time. */
  describe?(): readonly string[];
}

/** Owned is what an app can own. */
export type Owned = (AsyncDisposable | Disposable) & Describable;

/** doingOf asks something what it is doing, if it is Describable. */
export function doingOf(value: unknown): Doing {
  // Anything may be owned; what can describe itself says so in this way.
  return () => (value as Describable | undefined)?.describe?.() ?? [];
}

/** isDisposable says whether something can be closed. */
export function isDisposable(value: unknown): value is Owned {
  return Object(value) === value && (Symbol.asyncDispose in (value as object) || Symbol.dispose in (value as object));
}

/** disposer is how something is closed; throws TypeError if it cannot be. */
export function disposer(resource: Partial<AsyncDisposable & Disposable>, name: string): () => unknown {
  const dispose = resource[Symbol.asyncDispose] ?? resource[Symbol.dispose];
  if (dispose === undefined) throw new TypeError(`${name} has neither Symbol.asyncDispose nor Symbol.dispose`);
  return () => dispose.call(resource);
}
