import { setImmediate } from "node:timers/promises";
import { queryObjects } from "node:v8";
import { CancelNode } from "../../context/node.ts";
import { Waiter } from "../../runtime/waiter.ts";
import { runningTasks } from "../index.ts";

/** hops lets everything go on that can: some turns of the event loop, each with all its microtasks. */
export async function hops(turns: number = 3): Promise<void> {
  for (let i = 0; i < turns; i++) await setImmediate();
}

/** names lists the running tasks. */
export function names(): string[] {
  return runningTasks().map((task) => task.name);
}

/** rejections collects what the process reports as unhandled while it is in use. */
export function rejections(): Disposable & { readonly seen: unknown[] } {
  const seen: unknown[] = [];
  const note = (err: unknown): void => void seen.push(err);
  process.on("unhandledRejection", note);
  return { seen, [Symbol.dispose]: () => void process.off("unhandledRejection", note) };
}

/** alive counts the contexts that can end and the waits that anything still holds. */
export function alive(): number {
  return [CancelNode, Waiter].reduce(
    (sum, of) => sum + queryObjects(of as unknown as () => unknown, { format: "count" }),
    0,
  );
}
