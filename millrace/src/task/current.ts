import type { Ctx } from "../context/index.ts";
import { currentStore, openCurrent } from "../runtime/current.ts";

/**
 * current is the context of the request or task that the running code belongs to, across awaits and callbacks, for
 * what has no ctx in its hands: a third-party log's request id, a span's parent, a report's route. It is for diagnosis
 * alone. Undefined outside of both, and until enableCurrent is called. It may have ended already.
 */
export function current(): Ctx | undefined {
  // Only contexts are ever stored.
  return currentStore() as Ctx | undefined;
}

/**
 * enableCurrent has `current` answer for what starts from now on; false where the engine cannot.
 *
 * It is off until then, because of what it costs, measured on Node 26: 0.3 µs and 250 bytes for each request and each
 * task. That is 3 % of a bare request, but two thirds of a task, and a quarter of the memory of one that is blocked. An
 * await costs nothing either way, and nothing of the toolkit depends on it.
 */
export function enableCurrent(): boolean {
  return openCurrent();
}
