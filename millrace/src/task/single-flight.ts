import { type CancelCtx, type Ctx, withCancel, withoutCancel } from "../context/index.ts";
import { nodeOf, park } from "../context/node.ts";
import { Waiter, type WaiterHost, unlink } from "../runtime/waiter.ts";
import { go } from "./go.ts";

/** Shared is the result of a call that others may have waited for too. */
export interface Shared<V> {
  readonly value: V;
  /** shared says whether more than one caller asked for this result. */
  readonly shared: boolean;
}

/**
 * SingleFlight makes one call of many for the same thing at the same time: a cache that many requests miss at once
 * loads once. Keys are compared as Map does it. Source: golang.org/x/sync/singleflight.
 */
export class SingleFlight<K, V> {
  readonly #calls: Map<K, Call<V>> = new Map();

  /**
   * do gives the result of the call that is under way for the key, else calls fn; an error goes to everybody who waits
   * and is not kept. Rejects with ctx.err when ctx ends; the call goes on for the others and its own context, which has
   * the values of the first caller's, ends when the last of them has left.
   */
  async do(ctx: Ctx, key: K, fn: (ctx: Ctx) => V | PromiseLike<V>): Promise<Shared<V>> {
    ctx.throwIfDone();
    let call = this.#calls.get(key);
    if (call === undefined) {
      const opened = new Call<V>(withCancel(withoutCancel(ctx)), () => this.#close(key, opened));
      call = opened;
      this.#calls.set(key, call);
      go(call.ctx, fn, { name: typeof key === "string" ? `single flight ${key}` : "single flight" }).then(
        (value) => opened.settle((waiter, shared) => waiter.resolve({ value, shared })),
        (err: unknown) => opened.settle((waiter) => waiter.reject(err)),
      );
    }
    return call.join(ctx);
  }

  /** forget has the next do for the key call its function; who waits for the call under way still gets its result. */
  forget(key: K): void {
    this.#calls.delete(key);
  }

  // After forget, the key may belong to a later call.
  #close(key: K, call: Call<V>): void {
    if (this.#calls.get(key) === call) this.#calls.delete(key);
  }
}

/** Call is one call under way and who waits for it, in the order in which they came. */
class Call<V> {
  readonly ctx: CancelCtx;
  readonly #waiters: Set<Passenger<V>> = new Set();
  readonly #free: () => void;
  #asked = 0;

  constructor(ctx: CancelCtx, free: () => void) {
    this.ctx = ctx;
    this.#free = free;
  }

  join(ctx: Ctx): Promise<Shared<V>> {
    this.#asked++;
    return new Promise((resolve, reject) => {
      const waiter = new Passenger<V>(this, resolve, reject);
      this.#waiters.add(waiter);
      park(nodeOf(ctx), waiter);
    });
  }

  leave(waiter: Passenger<V>): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size > 0) return;
    // Nobody wants it any more; who comes now starts anew.
    this.#free();
    this.ctx.cancel();
  }

  settle(tell: (waiter: Passenger<V>, shared: boolean) => void): void {
    this.#free();
    for (const waiter of this.#waiters) {
      unlink(waiter);
      tell(waiter, this.#asked > 1);
    }
    this.#waiters.clear();
  }
}

class Passenger<V> extends Waiter {
  readonly resolve: (result: Shared<V>) => void;
  readonly reject: (err: unknown) => void;
  readonly #call: Call<V>;

  constructor(call: Call<V>, resolve: (result: Shared<V>) => void, reject: (err: unknown) => void) {
    super();
    this.#call = call;
    this.resolve = resolve;
    this.reject = reject;
  }

  override get waits(): string {
    return "for the result of a single flight";
  }

  wake(host: WaiterHost): void {
    this.#call.leave(this);
    this.reject(host.err);
  }
}
