/** CtxKey names a value in a context. Keys are compared by identity: two keys with one name are different keys. */
export class CtxKey<in out T> {
  readonly name: string;
  readonly fallback: T;

  /** @internal use ctxKey */
  constructor(name: string, fallback: T) {
    this.name = name;
    this.fallback = fallback;
  }
}

/**
 * ctxKey makes a key, once per module. `ctx.get(key)` gives the fallback where no value was set; without one that is
 * undefined, and the key's type says so.
 */
export function ctxKey<T>(name: string): CtxKey<T | undefined>;
export function ctxKey<T>(name: string, fallback: T): CtxKey<T>;
export function ctxKey<T>(name: string, fallback?: T): CtxKey<T | undefined> {
  return new CtxKey<T | undefined>(name, fallback);
}
