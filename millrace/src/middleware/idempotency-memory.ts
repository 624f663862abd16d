import type { Ctx } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { type Clock, systemClock } from "../time/index.ts";
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from "./idempotency-key.ts";

/** IdempotencyMemoryOptions bounds what is kept. */
export interface IdempotencyMemoryOptions {
  /** maxKeys is how many keys are kept; of more, the one that was settled longest ago is forgotten. Default: 10,000. */
  readonly maxKeys?: number;
  /** ttlMs is how long an outcome is kept. Default: 24 hours. */
  readonly ttlMs?: number;
  /** clock is for tests. */
  readonly clock?: Clock;
}

/**
 * idempotencyMemory keeps outcomes in this process: for one process, and for tests. When every key is at work and there
 * is no room for another, claim throws "unavailable" (503).
 */
export function idempotencyMemory(options: IdempotencyMemoryOptions = {}): IdempotencyStore {
  const { maxKeys = 10_000, ttlMs = 24 * 3_600_000, clock = systemClock } = options;
  for (const [name, value] of Object.entries({ maxKeys, ttlMs })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`idempotencyMemory: ${name} must be at least 1, not ${value}`);
  }
  return new Memory(maxKeys, ttlMs, clock);
}

interface Settled {
  readonly fingerprint: string;
  readonly answer: StoredAnswer | undefined;
  readonly until: number;
}

class Memory implements IdempotencyStore {
  readonly #maxKeys: number;
  readonly #ttlMs: number;
  readonly #clock: Clock;
  // Fingerprints of those at work; outcomes in the order in which they came, which is that in which they end.
  readonly #busy: Map<string, string> = new Map();
  readonly #settled: Map<string, Settled> = new Map();

  constructor(maxKeys: number, ttlMs: number, clock: Clock) {
    this.#maxKeys = maxKeys;
    this.#ttlMs = ttlMs;
    this.#clock = clock;
  }

  claim(_ctx: Ctx, key: string, fingerprint: string): IdempotencyClaim {
    const busy = this.#busy.get(key);
    if (busy !== undefined) return { state: "busy", fingerprint: busy };
    this.#forget();
    const settled = this.#settled.get(key);
    if (settled !== undefined) return { state: "settled", fingerprint: settled.fingerprint, answer: settled.answer };
    if (this.#busy.size >= this.#maxKeys) {
      throw new Failure("http: idempotency key: all keys are at work", {
        code: "unavailable",
        reason: "http/idempotency_full",
      });
    }
    this.#busy.set(key, fingerprint);
    return { state: "mine" };
  }

  settle(_ctx: Ctx, key: string, answer: StoredAnswer | undefined): void {
    const fingerprint = this.#busy.get(key);
    if (fingerprint === undefined) return;
    this.#busy.delete(key);
    this.#settled.set(key, { fingerprint, answer, until: this.#clock.elapsed() + this.#ttlMs });
    this.#forget();
  }

  release(_ctx: Ctx, key: string): void {
    this.#busy.delete(key);
  }

  #forget(): void {
    const now = this.#clock.elapsed();
    for (const [key, { until }] of this.#settled) {
      if (until > now && this.#settled.size <= this.#maxKeys) return;
      this.#settled.delete(key);
    }
  }
}
