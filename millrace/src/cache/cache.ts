import { type CancelCtx, type Ctx, background, withCancel, withTimeout } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { WaitGroup } from "../sync/index.ts";
import { SingleFlight } from "../task/index.ts";
import { type Entry, type Outcome, isEarly } from "./entry.ts";
import { Lru } from "../runtime/lru.ts";
import { type CacheLimits, type CacheOptions, type Evicted, limitsOf } from "./options.ts";

/** Load fetches the value of a key; its context ends when nobody waits for it any more. */
export type Load<K, V> = (ctx: Ctx, key: K) => V | PromiseLike<V>;

/** CacheStats count since the cache was opened, for metrics; size and weight are of now. */
export interface CacheStats {
  /** hits are answers with a fresh value, or with a failure that is held. */
  readonly hits: number;
  /** misses are calls that had to wait for a load, their own or another caller's. */
  readonly misses: number;
  /** stale are answers with a stale value. */
  readonly stale: number;
  /** loads are the loads that were begun, those in the background among them. */
  readonly loads: number;
  /** errors are the loads that failed. */
  readonly errors: number;
  /** evictions are the entries that had to go because the cache was full. */
  readonly evictions: number;
  /** size is the number of entries, also of those that are over and that nobody has asked for since. */
  readonly size: number;
  /** weight is what they weigh. */
  readonly weight: number;
}

// A refresh that failed is tried again after this, while the stale value is given.
const RETRY_MS = 1000;

/**
 * openCache opens a cache in memory: values that are loaded once for all who ask for them, bounded in number, weight and
 * time. Its refreshes in the background belong to ctx, not to the requests that cause them, and each has its own
 * deadline. A value is given to every caller as it is: do not change it.
 */
export function openCache<K, V>(ctx: Ctx, options: CacheOptions<K, V>): Cache<K, V> {
  return new Cache(withCancel(ctx), limitsOf(options));
}

/** Cache is made by openCache. Keys are compared as Map does it. */
export class Cache<K, V> implements AsyncDisposable {
  readonly #limits: CacheLimits<K, V>;
  readonly #scope: CancelCtx;
  readonly #lru: Lru<K, Entry<K, V>> = new Lru();
  readonly #flight: SingleFlight<K, V> = new SingleFlight();
  // The latest load of each key that has one: what an earlier one brings is not held.
  readonly #latest: Map<K, object> = new Map();
  readonly #running: WaitGroup = new WaitGroup();
  readonly #counts: Record<"hits" | "misses" | "stale" | "loads" | "errors" | "evictions", number> = {
    hits: 0,
    misses: 0,
    stale: 0,
    loads: 0,
    errors: 0,
    evictions: 0,
  };
  #closed = false;

  /** @internal use openCache */
  constructor(scope: CancelCtx, limits: CacheLimits<K, V>) {
    this.#scope = scope;
    this.#limits = limits;
  }

  /**
   * get gives the value of a key, and loads it if it is not held. Of many calls for one key at one time one loads; the
   * load is canceled when the last of them has left. Rejects with ctx.err when ctx ends, and with the error of the
   * load, which is not held unless `negative` says so; with unavailable ("cache/closed") after the end.
   */
  async get(ctx: Ctx, key: K, load: Load<K, V>): Promise<V> {
    ctx.throwIfDone();
    this.#assertOpen();
    const now = this.#limits.clock.elapsed();
    const entry = this.#find(key, now);
    if (entry === undefined) {
      this.#counts.misses++;
      return this.#load(ctx, key, load);
    }
    const stale = now >= entry.freshUntil;
    this.#counts[stale ? "stale" : "hits"]++;
    if (stale || isEarly(entry, now, this.#limits.random)) void this.#refresh(entry, now, load);
    if (entry.outcome.ok) return entry.outcome.value;
    throw entry.outcome.err;
  }

  /** set holds a value, fresh from now on. What a load that is under way brings is given to its callers but not held. */
  set(key: K, value: V): void {
    this.#assertOpen();
    this.#supersede(key);
    this.#hold(key, { ok: true, value }, 0);
  }

  /**
   * delete forgets a key: a call that comes later loads anew, and never gets what a load brings that began before. So
   * call it after the write that makes the value wrong has been committed.
   */
  delete(key: K): void {
    this.#supersede(key);
    this.#drop(key, "deleted");
  }

  /** clear forgets all keys, as delete does. */
  clear(): void {
    for (const key of this.#latest.keys()) this.#supersede(key);
    for (let { oldest } = this.#lru; oldest !== undefined; { oldest } = this.#lru) this.#drop(oldest.key, "deleted");
  }

  /** stats are the counts so far. */
  stats(): CacheStats {
    return { ...this.#counts, size: this.#lru.size, weight: this.#lru.weight };
  }

  /** Cancels the refreshes, forgets all, and waits for the loads that still run. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#scope.cancel();
    this.clear();
    await this.#running.wait(background);
  }

  // Finds what may still be given, and makes it the one that was used last.
  #find(key: K, now: number): Entry<K, V> | undefined {
    const entry = this.#lru.use(key);
    if (entry === undefined || now < entry.goneAt) return entry;
    this.#drop(key, "expired");
    return undefined;
  }

  // A refresh waits like any caller, but under the cache's context and its own deadline.
  async #refresh(entry: Entry<K, V>, now: number, load: Load<K, V>): Promise<void> {
    if (this.#latest.has(entry.key) || now < entry.refreshAt) return;
    using ctx = withTimeout(this.#scope, this.#limits.refreshTimeoutMs);
    try {
      await this.#load(ctx, entry.key, load);
    } catch {
      // Counted by the load. Who asks next gets the value that there is, and its error once that is over.
      entry.refreshAt = this.#limits.clock.elapsed() + RETRY_MS;
    }
  }

  async #load(ctx: Ctx, key: K, load: Load<K, V>): Promise<V> {
    const { value } = await this.#flight.do(ctx, key, (own) => this.#run(own, key, load));
    return value;
  }

  async #run(ctx: Ctx, key: K, load: Load<K, V>): Promise<V> {
    // A load begins a turn after the call that asked for it: nothing may begin after the end.
    this.#assertOpen();
    const { clock } = this.#limits;
    const token = {};
    const startedAt = clock.elapsed();
    this.#latest.set(key, token);
    this.#counts.loads++;
    this.#running.add();
    try {
      const value = await load(ctx, key);
      if (this.#latest.get(key) === token) this.#hold(key, { ok: true, value }, clock.elapsed() - startedAt);
      return value;
    } catch (err) {
      this.#counts.errors++;
      // That a load was canceled says nothing of the key.
      const held = ctx.err === undefined && this.#limits.negative?.when(err) === true;
      if (held && this.#latest.get(key) === token) this.#hold(key, { ok: false, err }, 0);
      throw err;
    } finally {
      if (this.#latest.get(key) === token) this.#latest.delete(key);
      this.#running.done();
    }
  }

  #hold(key: K, outcome: Outcome<V>, loadMs: number): void {
    const { maxEntries, maxWeight, ttlMs, staleMs, jitter, random, clock, negative, weigh } = this.#limits;
    const weight = outcome.ok ? weigh(outcome.value, key) : 0;
    if (!(weight >= 0)) throw new RangeError(`cache: weigh must give a number from 0, not ${weight}`);
    this.#drop(key, "replaced");
    if (weight > maxWeight) return;
    const part = 1 - jitter * random();
    const freshUntil = clock.elapsed() + part * (outcome.ok ? ttlMs : negative!.ttlMs);
    const goneAt = freshUntil + (outcome.ok ? part * staleMs : 0);
    this.#lru.add({
      key,
      outcome,
      weight,
      freshUntil,
      goneAt,
      loadMs,
      refreshAt: 0,
      newer: undefined,
      older: undefined,
    });
    for (let { oldest } = this.#lru; oldest !== undefined; { oldest } = this.#lru) {
      if (this.#lru.size <= maxEntries && this.#lru.weight <= maxWeight) return;
      this.#counts.evictions++;
      this.#drop(oldest.key, "full");
    }
  }

  #drop(key: K, why: Evicted): void {
    const outcome = this.#lru.remove(key)?.outcome;
    if (outcome?.ok === true) this.#limits.onEvict?.(key, outcome.value, why);
  }

  // What the load under way brings is not held, and who comes now does not wait for it.
  #supersede(key: K): void {
    this.#latest.delete(key);
    this.#flight.forget(key);
  }

  #assertOpen(): void {
    if (!this.#closed) return;
    throw new Failure("cache: the cache is closed", { code: "unavailable", reason: "cache/closed", retryable: false });
  }
}
