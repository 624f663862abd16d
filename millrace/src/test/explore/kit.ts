import { type Hook, install } from "../../runtime/hook.ts";
import { intercept } from "../world/intercept.ts";
import { virtualGlobals } from "../world/globals.ts";
import { activeRaces } from "../race/races.ts";
import { Requests } from "../world/requests.ts";
import { type World, worlds } from "../world/world.ts";

let users = 0;
let requests: Requests | undefined;

/** kit puts everything in place that a world needs, until it is disposed; it counts. */
export function kit(): Disposable {
  const interception = intercept();
  const globals = virtualGlobals();
  if (users++ === 0) {
    install(hook);
    requests = new Requests();
  }
  let open = true;
  return {
    [Symbol.dispose]() {
      if (!open) return;
      open = false;
      if (--users === 0) {
        install(null);
        requests?.[Symbol.dispose]();
      }
      globals[Symbol.dispose]();
      interception[Symbol.dispose]();
    },
  };
}

/** outstanding says whether the system owes a world an answer, for which its time has to wait. */
export function outstanding(world: World): boolean {
  return requests !== undefined && requests.of(world) > 0;
}

const hook: Hook = {
  park: (waiter) => activeRaces()?.edges.queued(waiter),
  parked() {},
  taken: (lock, guard, waiter) => activeRaces()?.edges.taken(lock, guard, waiter),
  released: (lock) => activeRaces()?.edges.released(lock),
  queued: (waiter) => activeRaces()?.edges.queued(waiter),
  sent: (channel, sender) => activeRaces()?.edges.sent(channel, sender),
  received: (channel) => activeRaces()?.edges.received(channel, null),
  met: (channel, receiver) => activeRaces()?.edges.met(channel, receiver),
  before: (key) => activeRaces()?.edges.before(key),
  after: (key, waiter) => activeRaces()?.edges.after(key, waiter),
  choose: (n) => worlds.getStore()?.choose(n),
};
