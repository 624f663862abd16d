import { type Hook, install } from "../../runtime/hook.ts";
import { lockHook } from "../deadlocks/hook.ts";
import { waited } from "../faults/waits.ts";
import { leakHook } from "../leaks/hook.ts";
import { raceHook } from "../race/hook.ts";
import { counted } from "../world/counted.ts";
import { intercept } from "../world/intercept.ts";
import { virtualGlobals } from "../world/globals.ts";
import { Requests } from "../world/requests.ts";
import { type World, worlds } from "../world/world.ts";

let requests: Requests | undefined;

/** kit puts everything in place that a world needs, until it is disposed; it counts. */
export const kit: () => Disposable = counted(() => {
  const interception = intercept();
  const globals = virtualGlobals();
  install(hook);
  requests = new Requests();
  return () => {
    install(null);
    requests?.[Symbol.dispose]();
    globals[Symbol.dispose]();
    interception[Symbol.dispose]();
  };
});

/** outstanding says whether the system owes a world an answer, for which its time has to wait. */
export function outstanding(world: World): boolean {
  return requests !== undefined && requests.of(world) > 0;
}

/** turning says whether a turn of the event loop may bring a world something that was no request. */
export function turning(world: World): boolean {
  return requests !== undefined && requests.native(world);
}

const hook: Hook = {
  ...lockHook,
  ...leakHook,
  ...raceHook,
  made(thing) {
    leakHook.made(thing);
    lockHook.made(thing);
  },
  park(waiter, wait, on) {
    leakHook.park(waiter, wait, on);
    raceHook.park(waiter);
    waited(waiter, wait);
  },
  parked(lock, waiter, shared) {
    lockHook.parked(lock, waiter, shared);
    leakHook.parked(lock, waiter);
    waited(waiter, "lock");
  },
  taken(lock, guard, waiter) {
    lockHook.taken(lock, guard, waiter);
    leakHook.taken(lock, guard, waiter);
    // The last, as it waits for the promise that is settled next.
    raceHook.taken(lock, guard, waiter);
  },
  released(lock, guard) {
    lockHook.released(lock, guard);
    raceHook.released(lock, guard);
  },
  choose: (n) => worlds.getStore()?.choose(n),
};
