import { type CancelCtx, background, withCancel } from "../../context/index.ts";

/** turn waits until all that was woken has run, also what was woken by way of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(() => setImmediate(resolve)));
}

/** Watched is a promise and what has become of it so far. */
export interface Watched<T> {
  state: "pending" | "done" | "failed";
  value: T | undefined;
  err: unknown;
}

/** watch follows a promise, and handles its rejection. */
export function watch<T>(promise: Promise<T>): Watched<T> {
  const watched: Watched<T> = { state: "pending", value: undefined, err: undefined };
  promise.then(
    (value) => Object.assign(watched, { state: "done", value }),
    (err: unknown) => Object.assign(watched, { state: "failed", err }),
  );
  return watched;
}

/** states says what has become of each. */
export function states(all: readonly Watched<unknown>[]): string[] {
  return all.map((one) => one.state);
}

/** canceled is a context that is done. */
export function canceled(): CancelCtx {
  const ctx = withCancel(background);
  ctx.cancel();
  return ctx;
}

/** reason matches a failure by its reason, for assert.throws and assert.rejects. */
export function reason(want: string): (err: unknown) => boolean {
  return (err) => err instanceof Error && "reason" in err && err.reason === want;
}
