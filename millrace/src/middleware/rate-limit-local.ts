import type { Ctx } from "../context/index.ts";
import { type Clock, systemClock } from "../time/index.ts";
import type { RateLimitStore } from "./rate-limit.ts";

/** LocalRateLimit counts in this process: exact, at once, and bounded; the key that came first is forgotten first. */
export class LocalRateLimit implements RateLimitStore {
  readonly #maxKeys: number;
  readonly #clock: Clock;
  // A Map keeps the order in which keys came.
  readonly #table: Map<string, { freeAt: number }> = new Map();

  constructor(maxKeys: number, clock: Clock = systemClock) {
    this.#maxKeys = maxKeys;
    this.#clock = clock;
  }

  take(_ctx: Ctx, key: string, everyMs: number, windowMs: number): number {
    const now = this.#clock.elapsed();
    const entry = this.#table.get(key);
    if (entry === undefined) {
      if (this.#table.size >= this.#maxKeys) this.#forgetOldest();
      this.#table.set(key, { freeAt: now + everyMs });
      return everyMs;
    }
    const usedMs = Math.max(entry.freeAt - now, 0) + everyMs;
    if (usedMs <= windowMs + 0.001) entry.freeAt = now + usedMs;
    return usedMs;
  }

  #forgetOldest(): void {
    const oldest = this.#table.keys().next();
    if (oldest.done !== true) this.#table.delete(oldest.value);
  }
}
