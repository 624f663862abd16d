/** LruEntry is what an Lru holds: a key, what it weighs, and its neighbours, which are the Lru's to change. */
export interface LruEntry<K> {
  readonly key: K;
  readonly weight: number;
  newer: LruEntry<K> | undefined;
  older: LruEntry<K> | undefined;
}

/**
 * Lru holds entries by key, in the order in which they were used: a map, and a list through the entries. To delete and
 * insert in the Map instead is shorter, and 2 to 40 times slower: a Map keeps the holes of what was deleted.
 */
export class Lru<K, E extends LruEntry<K>> {
  readonly #entries: Map<K, E> = new Map();
  #newest: LruEntry<K> | undefined = undefined;
  #oldest: LruEntry<K> | undefined = undefined;
  #weight = 0;

  /** size is the number of entries. */
  get size(): number {
    return this.#entries.size;
  }

  /** weight is the sum of the entries' weights. */
  get weight(): number {
    return this.#weight;
  }

  /** oldest is the entry that was not used for the longest time. */
  get oldest(): E | undefined {
    // Everything in the list was added as an E.
    return this.#oldest as E | undefined;
  }

  /** use finds an entry and makes it the newest. */
  use(key: K): E | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry === this.#newest) return entry;
    this.#unlink(entry);
    this.#link(entry);
    return entry;
  }

  /** add makes an entry the newest; there must be none with its key. */
  add(entry: E): void {
    this.#entries.set(entry.key, entry);
    this.#weight += entry.weight;
    this.#link(entry);
  }

  /** remove takes an entry out and gives it. */
  remove(key: K): E | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    // A sum of fractions may leave a rest; of nothing it must not.
    this.#weight = this.#entries.size === 0 ? 0 : this.#weight - entry.weight;
    this.#unlink(entry);
    return entry;
  }

  #link(entry: LruEntry<K>): void {
    entry.newer = undefined;
    entry.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink(entry: LruEntry<K>): void {
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
  }
}
