import type { Hook } from "../../runtime/hook.ts";
import { activeRaces } from "./races.ts";

type Edges = "taken" | "released" | "queued" | "sent" | "received" | "met" | "before" | "after";

/** raceHook is the part of the hook that the race detector is told through what the toolkit orders. */
export const raceHook: Pick<Hook, Edges> & { readonly park: (waiter: object) => void } = {
  park: (waiter) => activeRaces()?.edges.queued(waiter),
  taken: (lock, guard, waiter) => activeRaces()?.edges.taken(lock, guard, waiter),
  released: (lock) => activeRaces()?.edges.released(lock),
  queued: (waiter) => activeRaces()?.edges.queued(waiter),
  sent: (channel, sender) => activeRaces()?.edges.sent(channel, sender),
  received: (channel) => activeRaces()?.edges.received(channel, null),
  met: (channel, receiver) => activeRaces()?.edges.met(channel, receiver),
  before: (key) => activeRaces()?.edges.before(key),
  after: (key, waiter) => activeRaces()?.edges.after(key, waiter),
};
