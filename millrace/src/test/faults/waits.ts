import { CancelNode } from "../../context/node.ts";
import type { Waiter } from "../../runtime/waiter.ts";
import { worlds } from "../world/world.ts";
import { injected, planKey } from "./plan.ts";

/**
 * waited lets a fault strike where a task has begun to wait: its context is canceled, which may happen to everything that
 * takes one, or the process stands still for a while, as in a long garbage collection. Nothing else could go wrong there:
 * what has been sent was sent. A wait for a lock hangs on its context only after the call.
 */
export function waited(waiter: Waiter, point: string): void {
  const { host } = waiter;
  if (host instanceof CancelNode) strike(host, point);
  else queueMicrotask(() => waiter.host instanceof CancelNode && strike(waiter.host, point));
}

function strike(host: CancelNode, point: string): void {
  const plan = host.get(planKey);
  const world = worlds.getStore();
  // Real time does not stand still.
  const fault = plan?.strike(point, world === undefined ? ["abort"] : ["delay", "abort"]);
  if (fault === "delay") world!.clock.elapsed += plan!.delayMs();
  // A step of its own, which may come at any time from now on.
  else if (fault === "abort") queueMicrotask(() => host.cancel(injected(point)));
}
