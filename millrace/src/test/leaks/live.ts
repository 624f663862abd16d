// So many may have ended before somebody looks.
const SLACK = 1024;

/**
 * Live is things with a note on each, without those that have ended. Nobody tells it: it looks, now and then, so that it
 * stays as small as what is alive.
 */
export class Live<K extends object, V> {
  readonly #all = new Map<K, V>();
  readonly #alive: (thing: K, note: V) => boolean;
  #limit = SLACK;

  constructor(alive: (thing: K, note: V) => boolean) {
    this.#alive = alive;
  }

  add(thing: K, note: V): void {
    this.#all.set(thing, note);
    if (this.#all.size > this.#limit) this.#limit = SLACK + 2 * this.list().length;
  }

  delete(thing: K): void {
    this.#all.delete(thing);
  }

  /** list is what is alive. */
  list(): [K, V][] {
    for (const [thing, note] of this.#all) if (!this.#alive(thing, note)) this.#all.delete(thing);
    return [...this.#all];
  }
}
