import { AsyncLocalStorage } from "node:async_hooks";
import type { Hook, Wait } from "../../runtime/hook.ts";
import { hold, holdingOf } from "../deadlocks/holding.ts";
import { type World, worlds } from "../world/world.ts";
import { type Stack, madeAt, noteMade, stackHere } from "./stack.ts";
import type { Watch } from "./watch.ts";

/** watches says which test it is whose code runs. */
export const watches: AsyncLocalStorage<Watch> = new AsyncLocalStorage<Watch>({ name: "millrace/test leaks" });

// What is watched whosoever does it.
let everywhere: Watch | undefined;

/** watchEverywhere has a watch told of everything outside of worlds. */
export function watchEverywhere(watch: Watch | undefined): void {
  everywhere = watch;
}

/** watching lists who is to be told of what the running code does. */
export function watching(): Watch[] {
  const world: World | undefined = worlds.getStore();
  const all: Watch[] = world?.watch === undefined ? [] : [world.watch];
  for (let watch = watches.getStore(); watch !== undefined; watch = watch.outer) {
    if (watch.open && watch.world === world) all.push(watch);
  }
  if (everywhere !== undefined && world === undefined) all.push(everywhere);
  return all;
}

/** stackFor is where the running code is, if somebody wants to know. */
export function stackFor(all: readonly Watch[]): Stack | null {
  return isTold(all) ? stackHere() : null;
}

// A run that is not told to a reader goes without.
function isTold(all: readonly Watch[]): boolean {
  return all.some(({ world }) => world?.sites !== false);
}

const WAITS: Readonly<Record<Wait, string>> = {
  recv: "to receive from a channel",
  send: "to send on a channel",
  select: "for a case of a select",
  sleep: "for the end of a sleep",
};

/** leakHook is the part of the hook that leaks are watched through; locks are noted by lockHook before. */
export const leakHook: Pick<Hook, "made" | "park" | "spawned" | "armed" | "disarmed" | "parked" | "taken"> = {
  made(thing) {
    const all = watching();
    if (all.length > 0 && isTold(all)) noteMade(thing);
  },
  park(waiter, wait, on) {
    const all = watching();
    if (all.length === 0) return;
    const stack = stackFor(all);
    for (const watch of all) watch.parked(waiter, () => `${WAITS[wait]}${madeAt(on)}`, stack);
  },
  spawned(task) {
    const all = watching();
    if (all.length === 0) return;
    const stack = stackFor(all);
    for (const watch of all) watch.tasks.add(task, { stack });
  },
  armed(alarm) {
    const all = watching();
    if (all.length === 0) return;
    const stack = stackFor(all);
    for (const watch of all) watch.alarms.add(alarm, { stack });
    setIn.set(alarm, all);
  },
  disarmed(alarm) {
    for (const watch of setIn.get(alarm) ?? []) watch.alarms.delete(alarm);
  },
  parked(lock, waiter) {
    const all = watching();
    if (all.length === 0) return;
    const stack = stackFor(all);
    for (const watch of all) watch.parked(waiter, () => `for a ${lock.constructor.name}${madeAt(lock)}`, stack);
    parkedIn.set(waiter, all);
  },
  taken(lock, guard, waiter) {
    // A lock is handed over by another, who need not be of this test.
    const all = (waiter && parkedIn.get(waiter)) ?? watching();
    if (all.length === 0 || ("tokens" in guard && guard.tokens === 0)) return;
    if (holdingOf(guard) === undefined) {
      const stack = stackFor(all);
      hold(lock, guard, () => ({
        lock,
        guard,
        book: { held: new Set() },
        by: "the test",
        stack,
        open: true,
        awaited: false,
      }));
    }
    const holding = holdingOf(guard);
    if (holding !== undefined) for (const watch of all) watch.locks.add(holding, guard);
  },
};

const setIn = new WeakMap<object, readonly Watch[]>();
const parkedIn = new WeakMap<object, readonly Watch[]>();
