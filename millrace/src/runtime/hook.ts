import type { Alarm } from "./alarm.ts";
import type { TaskEntry } from "./registry.ts";
import type { Waiter } from "./waiter.ts";

/** Wait says what a parked task waits for. */
export type Wait = "recv" | "send" | "select" | "sleep";

/** Buffered is a channel as a hook sees it. */
export interface Buffered {
  readonly length: number;
  readonly capacity: number;
}

/**
 * Hook is told what tasks do, and decides what is otherwise left to chance; the test kit implements it. It is null in
 * production, where each place that calls it costs one comparison. While it is set, checks that are too dear for
 * production are made as well.
 */
export interface Hook {
  /** park is called when a task has begun to wait: its waiter, and the channel, or whatever it waits on. */
  park(waiter: Waiter, wait: Wait, on: object): void;
  /** spawned is called when a task enters the registry, began when its function is about to be called. */
  spawned(task: TaskEntry): void;
  began(task: TaskEntry): void;
  /** armed is called when an alarm is set, disarmed when it has rung or was cleared. */
  armed(alarm: Alarm): void;
  disarmed(alarm: Alarm): void;
  /** made is called when a lock or a channel is made. */
  made(thing: object): void;
  /** parked is called when a wait for a lock begins, before it is queued; `shared` is a reader's. */
  parked(lock: object, waiter: Waiter, shared?: boolean): void;
  /** taken is called when a lock is taken: by a waiter that is handed it, or by a call that did not wait (null). */
  taken(lock: object, guard: object, waiter: object | null): void;
  /** released is called when a lock is given back, with its guard, or without one (null) as by unlock. */
  released(lock: object, guard: object | null): void;
  /** within calls what runs under a lock, and no longer. */
  within<T>(guard: object, fn: () => T): T;
  /** queued is called when a case of a select begins to wait on a channel: its waiter, which is not the select's. */
  queued(waiter: object): void;
  /** sent is called when a value is sent on a channel: by a sender that was parked, or by what runs (null). */
  sent(channel: Buffered, sender: object | null): void;
  /** received is called when what runs receives a value. */
  received(channel: Buffered): void;
  /** met is called when what runs sends a value to a receiver that was parked. */
  met(channel: Buffered, receiver: object): void;
  /** before is called when what has run so far comes before whatever calls `after` with the same key. */
  before(key: unknown): void;
  /** after is called by what comes after `before`: for the waiter that is resolved next, or for what runs (null). */
  after(key: unknown, waiter: object | null): void;
  /** choose is a number from 0 to n - 1 in place of a random one; undefined leaves it to chance. */
  choose(n: number): number | undefined;
}

/** rt is the hook that is installed. */
export let rt: Hook | null = null;

/** install sets the hook, or takes it away. */
export function install(hook: Hook | null): void {
  rt = hook;
}
