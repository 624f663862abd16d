/**
 * DeadlockKind says how: a task waits for a lock that it holds itself; each of several waits for what the next one holds;
 * locks are taken in both orders, so that two tasks may come to wait for each other; who holds tokens of a limiter waits
 * for more of them; or everything waits, and nothing is left that could wake it.
 */
export type DeadlockKind = "self" | "cycle" | "order" | "nested" | "asleep";

/** DeadlockError is what a deadlock, or a way into one, is reported with. Its message holds all the places. */
export class DeadlockError extends Error {
  override readonly name = "DeadlockError";
  readonly kind: DeadlockKind;

  /** @internal */
  constructor(kind: DeadlockKind, message: string) {
    super(`deadlock: ${message}`);
    this.kind = kind;
  }
}
