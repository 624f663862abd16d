import type { EventEmitter } from "node:events";
import { setImmediate } from "node:timers/promises";

/** settled says whether a promise has settled, once everything that is on its way has arrived. */
export async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  // A hand-off may take one turn of the event loop, and what it wakes another.
  for (let i = 0; i < 3; i++) await setImmediate();
  return done;
}

/** ticks lets so many rounds of microtasks pass. */
export async function ticks(n: number): Promise<void> {
  for (let i = 0; i < n; i++) await Promise.resolve();
}

/** marked waits for an event. */
export function marked(emitter: EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => void emitter.once(event, () => resolve()));
}

/** hasReason tells an error by its reason, for assert.rejects. */
export function hasReason(want: string): (err: unknown) => boolean {
  return (err) => err instanceof Error && "reason" in err && err.reason === want;
}
