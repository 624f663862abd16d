import { Waiter, unlink } from "../runtime/waiter.ts";
import type { Ctx } from "./ctx.ts";
import { type CancelNode, MAX_TIMER_MS, nodeOf, park } from "./node.ts";

/**
 * sleep waits a number of milliseconds, never less, or rejects with the context's error when that ends first; the timer
 * is cleared then. 0 or less waits for the next turn of the event loop.
 */
export function sleep(ctx: Ctx, ms: number): Promise<void> {
  const node = nodeOf(ctx);
  if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
  return new Promise((resolve, reject) => {
    const sleeper = new Sleeper(performance.now() + ms, resolve, reject);
    sleeper.arm(ms);
    park(node, sleeper);
  });
}

class Sleeper extends Waiter {
  readonly #until: number;
  readonly #resolve: () => void;
  readonly #reject: (err: Error | undefined) => void;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(until: number, resolve: () => void, reject: (err: Error | undefined) => void) {
    super();
    this.#until = until;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  arm(ms: number): void {
    this.#timer = setTimeout(() => this.#fired(), Math.min(Math.max(Math.ceil(ms), 0), MAX_TIMER_MS));
  }

  wake(host: CancelNode): void {
    clearTimeout(this.#timer);
    this.#reject(host.err);
  }

  // A timer may fire a fraction of a millisecond early, and not every wait fits one timer.
  #fired(): void {
    const left = this.#until - performance.now();
    if (left > 0) return this.arm(left);
    unlink(this);
    return this.#resolve();
  }
}
