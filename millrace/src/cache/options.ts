import { type Clock, systemClock } from "../time/index.ts";

/** Evicted is why a value has left a cache. */
export type Evicted = "full" | "expired" | "replaced" | "deleted";

/** CacheOptions bounds a cache. */
export interface CacheOptions<K, V> {
  /** maxEntries is how many keys are held; beyond it the one that was not used for the longest time goes. From 1. */
  readonly maxEntries: number;
  /** ttlMs is how long a value is fresh, from when its load has ended. From 1, to about 24 days. */
  readonly ttlMs: number;
  /**
   * jitter is the part of ttlMs and staleMs, from 0 to 1, that is drawn for each entry anew, so that what was loaded
   * together does not expire together: with 0.1 a value is fresh for 90 to 100 % of ttlMs. @default 0.1
   */
  readonly jitter?: number;
  /** staleMs is how long after that a value is still given, while one load in the background renews it. @default 0 */
  readonly staleMs?: number;
  /** refreshTimeoutMs is how long a load in the background may take before it is canceled. @default 10000 */
  readonly refreshTimeoutMs?: number;
  /** maxWeight bounds the sum of what the values weigh; a value that is heavier alone is not held. @default Infinity */
  readonly maxWeight?: number;
  /** weigh says what a value weighs, from 0, for example its bytes. A failure that is held weighs nothing. @default 1 */
  readonly weigh?: (value: V, key: K) => number;
  /** negative says which errors of a load are held, and for how long ("no such user"). @default none */
  readonly negative?: NegativeOptions;
  /** onEvict is told of each value that has left, and why; not of failures. It must not throw. */
  readonly onEvict?: (key: K, value: V, why: Evicted) => void;
  /** clock tells the time. @default systemClock */
  readonly clock?: Clock;
  /** random gives numbers from 0 to below 1. @default Math.random */
  readonly random?: () => number;
}

/** NegativeOptions says which failures are held. */
export interface NegativeOptions {
  /** ttlMs is how long a failure is given to all who ask, from 1. */
  readonly ttlMs: number;
  /** when picks the errors: `(err) => is(err, "not_found")`. It is never asked about a load that was canceled. */
  readonly when: (err: unknown) => boolean;
}

/** @internal CacheLimits are options that have been checked, with the defaults filled in. */
export type CacheLimits<K, V> = Required<Omit<CacheOptions<K, V>, "negative" | "onEvict">> &
  Pick<CacheOptions<K, V>, "negative" | "onEvict">;

// A timer's longest time, and a bound for all others.
const MAX_MS = 2 ** 31 - 1;

/** limitsOf checks options; throws RangeError. @internal */
export function limitsOf<K, V>(options: CacheOptions<K, V>): CacheLimits<K, V> {
  const limits = {
    jitter: 0.1,
    staleMs: 0,
    refreshTimeoutMs: 10_000,
    maxWeight: Infinity,
    weigh: () => 1,
    clock: systemClock,
    // Asked for at each call: the test kit replaces it.
    random: () => Math.random(),
    ...options,
  };
  const { negative } = limits;
  check("maxEntries", limits.maxEntries, 1, Infinity);
  check("ttlMs", limits.ttlMs, 1, MAX_MS);
  check("jitter", limits.jitter, 0, 1);
  check("staleMs", limits.staleMs, 0, MAX_MS);
  check("refreshTimeoutMs", limits.refreshTimeoutMs, 1, MAX_MS);
  check("maxWeight", limits.maxWeight, 0, Infinity);
  if (negative !== undefined) check("negative.ttlMs", negative.ttlMs, 1, MAX_MS);
  return limits;
}

function check(name: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return;
  throw new RangeError(`cache: ${name} must be from ${min} to ${max}, not ${value}`);
}
