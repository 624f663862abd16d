import { worlds } from "../world/world.ts";
import { shapeOf } from "./shape.ts";
import { Tracker } from "./tracker.ts";

/**
 * tracked makes what a test has its tasks share visible to the race detector: use what it returns in place of the object.
 * In explore and bubble, a task that reads a field, waits, and writes it without a look at what it is then, fails the run
 * if another task's write may come in between, also when in this run it did not: with "stale write" and both places. So
 * does one that makes a lazy value which another could have made as well: "double init".
 * What is read and written without an await in between is never a race. Outside of explore and bubble, and where races
 * are "off", it returns the object itself.
 *
 * Fields, elements, and the keys of a Map or Set each count by themselves; plain objects, arrays, Maps and Sets in them
 * are tracked when they are reached. The last 16 segments that have read a field, and written it, are remembered. The
 * methods of a class with private fields, and of Date and the like, are called on the object itself: what they touch is
 * not seen. A class that keeps its private data in a WeakMap does not work with it.
 */
export function tracked<O extends object>(object: O, name: string = shapeOf(object).name): O {
  const races = worlds.getStore()?.races?.();
  // The proxy has the type of what it stands for.
  return races === undefined ? object : (Tracker.of(races).track(object, name) as O);
}

/**
 * atomicGroup has all fields of some tracked objects, and of what is reached through them, count as one, because an
 * invariant is about them together: to read one and write another without an await in between is no race. Call it
 * before they are used. Throws TypeError for an object that is not tracked, except where tracked does nothing.
 */
export function atomicGroup(name: string, ...objects: readonly object[]): void {
  const races = worlds.getStore()?.races?.();
  if (races !== undefined) Tracker.of(races).group(name, objects);
}
