import { natively } from "../world/intercept.ts";
import { worlds } from "../world/world.ts";

/**
 * held is what a rewritten `await` waits for: in a world a thenable, which the engine asks nothing but its `then`; so it
 * also works for what is no promise, and on an engine that does not ask a promise for its constructor.
 */
export function held(value: unknown): unknown {
  const world = worlds.getStore();
  if (world === undefined) return value;
  const promise = natively(() => Promise.resolve(value));
  world.awaiting(promise);
  return {
    // oxlint-disable-next-line unicorn/no-thenable
    then: (onResult: (value: never) => void, onError: (err: never) => void) =>
      void world.react(promise, onResult, onError),
  };
}
