import { syncBuiltinESMExports } from "node:module";
import { patchIO } from "../faults/io.ts";
import { counted } from "./counted.ts";
import { patchClocks } from "./date.ts";
import { Patches } from "./patches.ts";
import { patchRandomness } from "./randomness.ts";
import { patchTimersPromises } from "./timers-promises.ts";
import { patchTimers } from "./timers.ts";

const patches = new Patches();

/**
 * virtualGlobals has time, timers, microtasks and randomness of the code in a world come from that world, until it is
 * disposed; it counts. Named imports follow, and outside of worlds nothing changes but a few nanoseconds. Code that took
 * the functions from the global object before keeps the real ones, and so do Node's own timeouts. What faults needs of
 * fetch and files comes with it.
 */
export const virtualGlobals: () => Disposable = counted(() => {
  patchClocks(patches);
  patchTimers(patches);
  patchTimersPromises(patches);
  patchRandomness(patches);
  patchIO(patches);
  syncBuiltinESMExports();
  return () => {
    patches[Symbol.dispose]();
    syncBuiltinESMExports();
  };
});
