import type { LruEntry } from "../runtime/lru.ts";

/** Entry is a value or a failure that is held. Times are of the clock's elapsed(). */
export interface Entry<K, V> extends LruEntry<K> {
  readonly outcome: Outcome<V>;
  /** freshUntil is when the value becomes stale. */
  readonly freshUntil: number;
  /** goneAt is when it is not given any more. */
  readonly goneAt: number;
  /** loadMs is how long its load took; 0 for a value that was set. */
  readonly loadMs: number;
  /** refreshAt is when a load in the background may be tried again, after one that failed. */
  refreshAt: number;
}

/** Outcome is what a load has come to. */
export type Outcome<V> = { readonly ok: true; readonly value: V } | { readonly ok: false; readonly err: unknown };

/**
 * isEarly says whether a value that is still fresh should be renewed now: the closer its end and the longer its load,
 * the likelier, so that a key that is asked for often is renewed before it is stale, by one of many askers.
 * Source: Vattani, Chierichetti, Lowenstein: "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015, with β = 1.
 */
export function isEarly(entry: Entry<unknown, unknown>, now: number, random: () => number): boolean {
  // Not log(random()): a 0 would be a certain yes.
  return entry.loadMs > 0 && now - entry.loadMs * Math.log(1 - random()) >= entry.freshUntil;
}
