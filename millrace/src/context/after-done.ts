import { rt } from "../runtime/hook.ts";
import { Waiter, unlink } from "../runtime/waiter.ts";
import type { Ctx } from "./ctx.ts";
import { nodeOf, park } from "./node.ts";

/**
 * afterDone calls a function once, in a microtask, after the context is done; if it is done already, right away.
 * The stop that it returns takes the registration back: true if that prevented the call. `using` stops too.
 * The function must handle its own errors: what it throws is an uncaught exception. Source: Go's context.AfterFunc.
 */
export function afterDone(ctx: Ctx, fn: () => void): (() => boolean) & Disposable {
  const node = nodeOf(ctx);
  const waiter = new AfterDone(fn);
  if (node.core.ended === null) park(node, waiter);
  else {
    if (rt !== null) rt.after(node.core.ended, null);
    waiter.wake();
  }
  const stop = (): boolean => waiter.stop();
  return Object.assign(stop, { [Symbol.dispose]: () => void stop() });
}

class AfterDone extends Waiter {
  // Taken away when the call has been made or prevented.
  #fn: (() => void) | null;

  constructor(fn: () => void) {
    super();
    this.#fn = fn;
  }

  wake(): void {
    const fn = this.#fn;
    this.#fn = null;
    if (fn !== null) queueMicrotask(fn);
  }

  stop(): boolean {
    const prevented = this.#fn !== null;
    this.#fn = null;
    unlink(this);
    return prevented;
  }
}
