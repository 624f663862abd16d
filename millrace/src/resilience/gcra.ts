import { type Clock, systemClock } from "../time/index.ts";
import { Lru, type LruEntry } from "../runtime/lru.ts";
import { checkCount, checkNumber } from "./check.ts";
import { type ResilienceHooks, tell } from "./hooks.ts";

/** GcraOptions says how fast and how much at once each key may be, and how many keys there are. */
export interface GcraOptions {
  /** perSecond is how many calls of a key are allowed in the long run, above 0. */
  readonly perSecond: number;
  /** burst is how many are allowed at once, at least 1. */
  readonly burst: number;
  /** maxKeys is how many keys are remembered; the one that was not used for the longest time goes. Default: 100,000. */
  readonly maxKeys?: number;
  /** name is for the hooks. Default: "gcra". */
  readonly name?: string;
  /** hooks are told of refusals. Default: none. */
  readonly hooks?: ResilienceHooks | undefined;
  /** clock is for tests. */
  readonly clock?: Clock;
}

/** Grant is the answer to one call. */
export interface Grant {
  readonly ok: boolean;
  /** remaining is how many more calls of this key would be allowed now. */
  readonly remaining: number;
  /** retryAfterMs is when this call would be allowed: 0 if it is, Infinity if it never will be. */
  readonly retryAfterMs: number;
  /** resetMs is when the whole burst is there again. */
  readonly resetMs: number;
}

interface Entry<K> extends LruEntry<K> {
  // When all that was allowed would have been, at a steady rate.
  freeAt: number;
}

// A rounding error of a thousandth of a millisecond must not take the last call of a burst.
const SLACK_MS = 0.001;

/**
 * Gcra limits how often something is done by key: a client, an account. It is a token bucket for each key that is one
 * number, the time at which all that was allowed would have been at a steady rate. A key that has its whole burst again
 * is as good as unknown, so little is forgotten when room is needed.
 * Source: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export class Gcra<K = string> {
  readonly #everyMs: number;
  readonly #windowMs: number;
  readonly #maxKeys: number;
  readonly #name: string;
  readonly #hooks: ResilienceHooks | undefined;
  readonly #clock: Clock;
  readonly #keys: Lru<K, Entry<K>> = new Lru();

  constructor({ perSecond, burst, maxKeys = 100_000, name = "gcra", hooks, clock = systemClock }: GcraOptions) {
    checkNumber("gcra: perSecond", perSecond, Number.MIN_VALUE);
    checkCount("gcra: burst", burst, 1);
    checkCount("gcra: maxKeys", maxKeys, 1);
    this.#everyMs = 1000 / perSecond;
    this.#windowMs = burst * this.#everyMs;
    this.#maxKeys = maxKeys;
    this.#name = name;
    this.#hooks = hooks;
    this.#clock = clock;
  }

  /** keys is how many keys are remembered. */
  get keys(): number {
    return this.#keys.size;
  }

  /** tryTake takes n calls of a key if they are allowed, all or none. */
  tryTake(key: K, n: number = 1): boolean {
    checkCount("gcra: n", n, 0);
    return this.spend(key, n) <= this.#windowMs + SLACK_MS;
  }

  /** take is tryTake, and says what is left. */
  take(key: K, n: number = 1): Grant {
    checkCount("gcra: n", n, 0);
    const usedMs = this.spend(key, n);
    const overMs = usedMs - this.#windowMs;
    const ok = overMs <= SLACK_MS;
    const heldMs = ok ? usedMs : usedMs - n * this.#everyMs;
    return {
      ok,
      remaining: Math.floor((this.#windowMs - heldMs + SLACK_MS) / this.#everyMs),
      retryAfterMs: ok ? 0 : n * this.#everyMs > this.#windowMs + SLACK_MS ? Infinity : overMs,
      resetMs: heldMs,
    };
  }

  /** spend gives how much of the window is used with n more; if that is over it, nothing was taken. @internal */
  spend(key: K, n: number): number {
    const now = this.#clock.elapsed();
    const entry = this.#keys.use(key);
    // No clock, however it jumps, holds a key back for longer than its window.
    if (entry !== undefined) entry.freeAt = Math.min(entry.freeAt, now + this.#windowMs);
    const usedMs = Math.max((entry?.freeAt ?? now) - now, 0) + n * this.#everyMs;
    if (usedMs > this.#windowMs + SLACK_MS) {
      if (this.#hooks !== undefined) tell(this.#hooks, (hooks) => hooks.refused?.({ by: "gcra", name: this.#name }));
    } else if (entry !== undefined) entry.freeAt = now + usedMs;
    else this.#add(key, now, usedMs);
    return usedMs;
  }

  #add(key: K, now: number, usedMs: number): void {
    if (this.#keys.size >= this.#maxKeys) this.#forget();
    // Two for each that comes, so that those who have left go sooner or later, also while there is room.
    for (let i = 0; i < 2; i++) {
      if (this.#keys.oldest === undefined || this.#keys.oldest.freeAt > now) break;
      this.#forget();
    }
    this.#keys.add({ key, weight: 1, newer: undefined, older: undefined, freeAt: now + usedMs });
  }

  #forget(): void {
    const { oldest } = this.#keys;
    if (oldest !== undefined) this.#keys.remove(oldest.key);
  }
}
