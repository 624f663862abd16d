import { syncBuiltinESMExports } from "node:module";
import { patchIO } from "../faults/io.ts";
import { patchClocks } from "./date.ts";
import { Patches } from "./patches.ts";
import { patchRandomness } from "./randomness.ts";
import { patchTimersPromises } from "./timers-promises.ts";
import { patchTimers } from "./timers.ts";

const patches = new Patches();
let users = 0;

/**
 * virtualGlobals has time, timers, microtasks and randomness of the code in a world come from that world, until it is
 * disposed; it counts. Named imports follow, and outside of worlds nothing changes but a few nanoseconds. Code that took
 * the functions from the global object before keeps the real ones, and so do Node's own timeouts. What faults needs of
 * fetch and files comes with it.
 */
export function virtualGlobals(): Disposable {
  if (users++ === 0) {
    patchClocks(patches);
    patchTimers(patches);
    patchTimersPromises(patches);
    patchRandomness(patches);
    patchIO(patches);
    syncBuiltinESMExports();
  }
  let open = true;
  return {
    [Symbol.dispose]() {
      if (!open) return;
      open = false;
      if (--users > 0) return;
      patches[Symbol.dispose]();
      syncBuiltinESMExports();
    },
  };
}
