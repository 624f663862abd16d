/**
 * LockHook is how the test kit sees locks: who waits for which, and who holds what. It is null in production, where each
 * place that calls it costs one comparison. While it is set, checks that are too dear for production are made as well.
 */
export interface LockHook {
  /** parked is called when a wait for a lock begins, before it is queued. */
  parked(lock: object, waiter: object): void;
  /** taken is called when a lock is taken: by a waiter that is handed it, or by a call that did not wait (null). */
  taken(lock: object, guard: object, waiter: object | null): void;
  /** released is called when a lock is given back, with its guard, or without one (null) as by unlock. */
  released(lock: object, guard: object | null): void;
}

/** lockHook is the hook that is set. */
export let lockHook: LockHook | null = null;

/** setLockHook sets the hook, or takes it away. */
export function setLockHook(hook: LockHook | null): void {
  lockHook = hook;
}
