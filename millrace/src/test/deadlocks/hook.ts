import { AsyncLocalStorage } from "node:async_hooks";
import type { Hook } from "../../runtime/hook.ts";
import { Parked } from "../../runtime/parked.ts";
import { noteMade } from "../leaks/stack.ts";
import { worlds } from "../world/world.ts";
import { type Flow, holdingOf, openOf, released } from "./holding.ts";
import { type LockBook, bookOf } from "./lock-book.ts";

/** TestFlow is a line of code outside of worlds: a task of `go`, or what runs under a lock. */
export interface TestFlow extends Flow {
  readonly book: LockBook;
  readonly by: string;
}

/** flows says which code it is that runs, where a test looks for deadlocks. */
export const flows: AsyncLocalStorage<TestFlow> = new AsyncLocalStorage<TestFlow>({ name: "millrace/test deadlocks" });

/** lockHook is the part of the hook that locks are watched through. */
export const lockHook: Pick<Hook, "made" | "began" | "parked" | "taken" | "released" | "within"> = {
  made(thing) {
    if (worlds.getStore() === undefined && flows.getStore() !== undefined) noteMade(thing);
  },
  began(task) {
    const world = worlds.getStore();
    const flow = flows.getStore();
    if (world !== undefined) world.begins?.(task);
    else if (flow !== undefined) flows.enterWith({ book: flow.book, by: task.name, held: null, loose: new Set() });
  },
  parked(lock, waiter, shared = false) {
    // All locks park such.
    if (waiter instanceof Parked) bookHere()?.parked(lock, waiter, shared);
  },
  taken(lock, guard, waiter) {
    ((waiter && bookOf(waiter)) ?? bookHere())?.taken(lock, guard, waiter);
  },
  released,
  within(guard, fn) {
    const flow = worlds.getStore() === undefined ? flows.getStore() : undefined;
    if (flow === undefined || holdingOf(guard) === undefined) return fn();
    const inner = { ...flow, held: openOf(flow.held) };
    flow.book.receive(inner, guard);
    return flows.run(inner, fn);
  },
};

function bookHere(): LockBook | undefined {
  const world = worlds.getStore();
  return world === undefined ? flows.getStore()?.book : world.locks;
}
