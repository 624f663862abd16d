import type { Ctx } from "../context/index.ts";
import { type Guard, Semaphore } from "../sync/index.ts";
import { checkCount } from "./check.ts";
import { type ResilienceHooks, tell } from "./hooks.ts";
import { Refused } from "./refused.ts";

/** LimiterOptions bounds a limiter. */
export interface LimiterOptions {
  /** name is for the message and the hooks. Default: "limiter". */
  readonly name?: string;
  /** concurrency is how many calls run at once, at least 1. */
  readonly concurrency: number;
  /** maxWaiting is how many wait for their turn; a further one is refused. 0 refuses whoever would wait. */
  readonly maxWaiting: number;
  /** hooks are told of refusals and of how long calls wait. Default: none. */
  readonly hooks?: ResilienceHooks | undefined;
}

/** Limiter lets a number of calls run at once and a number of others wait for their turn, in the order they came. */
export class Limiter {
  readonly #name: string;
  readonly #maxWaiting: number;
  readonly #semaphore: Semaphore;
  readonly #hooks: ResilienceHooks | undefined;
  #waiting = 0;

  constructor({ name = "limiter", concurrency, maxWaiting, hooks }: LimiterOptions) {
    checkCount("limiter: concurrency", concurrency, 1);
    checkCount("limiter: maxWaiting", maxWaiting, 0);
    this.#name = name;
    this.#maxWaiting = maxWaiting;
    this.#semaphore = new Semaphore(concurrency);
    this.#hooks = hooks;
  }

  /** running is how many run. */
  get running(): number {
    return this.#semaphore.size - this.#semaphore.available;
  }

  /** waiting is how many wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * acquire waits for the turn, which ends when the guard is disposed. It throws Refused with the code
   * "resource_exhausted" and the reason "resilience/limiter_full" if too many wait, and ctx's error if that ends first.
   */
  async acquire(ctx: Ctx): Promise<Guard> {
    return this.#tryAcquire(ctx) ?? (await this.#wait(ctx));
  }

  /** do makes a call in its turn. */
  async do<T>(ctx: Ctx, fn: (ctx: Ctx) => T | PromiseLike<T>): Promise<T> {
    const turn = this.#tryAcquire(ctx) ?? (await this.#wait(ctx));
    // Not `using`: its 70 ns would be on top of 100.
    try {
      return await fn(ctx);
    } finally {
      turn[Symbol.dispose]();
    }
  }

  // Whoever need not wait is not made to await.
  #tryAcquire(ctx: Ctx): Guard | undefined {
    ctx.throwIfDone();
    const free = this.#semaphore.tryAcquire();
    if (free !== undefined && this.#hooks !== undefined) this.#tellWaited(this.#hooks, 0);
    return free;
  }

  async #wait(ctx: Ctx): Promise<Guard> {
    if (this.#waiting >= this.#maxWaiting) throw this.#refuse();
    const since = performance.now();
    this.#waiting++;
    try {
      const guard = await this.#semaphore.acquire(ctx);
      if (this.#hooks !== undefined) this.#tellWaited(this.#hooks, performance.now() - since);
      return guard;
    } finally {
      this.#waiting--;
    }
  }

  #refuse(): Refused {
    if (this.#hooks !== undefined) tell(this.#hooks, (hooks) => hooks.refused?.({ by: "limiter", name: this.#name }));
    const message = `${this.#name} is full: ${this.running} run and ${this.#waiting} wait`;
    return new Refused("limiter_full", "resource_exhausted", message);
  }

  #tellWaited(hooks: ResilienceHooks, waitMs: number): void {
    tell(hooks, (hooks) => hooks.waited?.({ by: "limiter", name: this.#name, waitMs }));
  }
}
