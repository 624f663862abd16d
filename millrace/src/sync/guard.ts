import type { Hook } from "../runtime/hook.ts";

/**
 * Guard is a held lock: `using guard = await mutex.lock(ctx)` releases it at the end of the block. Disposing it again
 * does nothing. When the lock was released by other means (unlock), its guard does nothing either to whoever holds the
 * lock by then. Of what several hold at once (a reader's lock, tokens) that is known only once all have let go: there,
 * dispose the guard, or call runlock or release, but not both, which would give back another's share. A test that runs
 * in millrace/test finds that out: runlock and release throw there when all that is held is in the guards of `using`s.
 */
export interface Guard extends Disposable {
  [Symbol.dispose](): void;
}

// How the guards of this folder are made, and why:
//
// - They are object literals with a function of their own, and no instances of a class, because they go through a
//   promise: that looks for a `then` in what it resolves to, and in what inherits from Object alone it need not look.
//   This is a fourth of an uncontended `await lock(ctx)`.
// - They know the turn of the lock in which they were made, and the lock knows no guard: so tasks that dispose guards and
//   tasks that call unlock, runlock or release may share a lock, and nothing is kept of a guard that is thrown away.
// - There is a new one for each turn. One that is used again would be all the same to its earlier holders.

/**
 * within calls a function that runs under a lock, for the hook that is installed. The closure is made here and not where
 * the lock is: a function that makes one pays for it on every path, a sixth of a `withTokens`. @internal
 */
export function within<A extends unknown[], T>(hook: Hook, guard: Guard, fn: (...args: A) => T, ...args: A): T {
  return hook.within(guard, () => fn(...args));
}
