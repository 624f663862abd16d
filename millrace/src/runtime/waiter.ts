/** WaiterHost is what waiters hang on: a cancellable context. */
export interface WaiterHost {
  firstWaiter: Waiter | null;
  lastWaiter: Waiter | null;
  /** err is why the host has ended, once it has. */
  readonly err: Error | undefined;
}

/**
 * Waiter is one parked wait, linked into the context that may cancel it. Linking and unlinking are O(1) and allocate
 * nothing, so that a hundred thousand waits on one context can be cancelled in any order in linear time.
 *
 * Whoever unlinks a waiter first (its peer, a close, the cancel) settles it: there is one thread, so nobody else can.
 */
export abstract class Waiter {
  /** host is the context that the waiter hangs on, null when it hangs on none. */
  host: WaiterHost | null = null;
  before: Waiter | null = null;
  after: Waiter | null = null;

  /** waits says what for, to a reader ("to receive from a channel"); undefined: no task waits, or it is not known. */
  get waits(): string | undefined {
    return undefined;
  }

  /** wake is called once, synchronously, when the host is done; the waiter has been unlinked. It must not throw. */
  abstract wake(host: WaiterHost): void;
}

/** link parks a waiter as the last of its host. */
export function link(host: WaiterHost, waiter: Waiter): void {
  const last = host.lastWaiter;
  waiter.host = host;
  waiter.before = last;
  if (last === null) host.firstWaiter = waiter;
  else last.after = waiter;
  host.lastWaiter = waiter;
}

/** unlink takes a waiter off its host; false if it hung on none, which means that somebody else settles it. */
export function unlink(waiter: Waiter): boolean {
  const host = waiter.host;
  if (host === null) return false;
  const { before, after } = waiter;
  if (before === null) host.firstWaiter = after;
  else before.after = after;
  if (after === null) host.lastWaiter = before;
  else after.before = before;
  waiter.host = waiter.before = waiter.after = null;
  return true;
}

/** wakeAll unlinks and wakes every waiter of a host, oldest first, also those that are added meanwhile. */
export function wakeAll(host: WaiterHost): void {
  for (let waiter = host.firstWaiter; waiter !== null; waiter = host.firstWaiter) {
    unlink(waiter);
    waiter.wake(host);
  }
}
