/** Fn is a function of any kind. */
export type Fn = (this: unknown, ...args: never[]) => unknown;

/** Patches replaces functions of the process, and puts back those that are still its own. */
export class Patches implements Disposable {
  readonly #undo: (() => void)[] = [];
  // What stands at several places stays one function: globalThis.setTimeout is that of node:timers.
  readonly #made = new Map<unknown, Fn>();

  /** replace puts a function in the place of another; it keeps its name, its length and whatever hangs on it. */
  replace<F extends Fn>(on: object, key: string, make: (real: F) => F): F {
    const before = Object.getOwnPropertyDescriptor(on, key)!;
    // Who names the property knows its type.
    const real = before.value as F;
    let made = this.#made.get(real) as F | undefined;
    if (made === undefined) {
      made = make(real);
      const { prototype: _, ...own } = Object.getOwnPropertyDescriptors(real) as Record<string, PropertyDescriptor>;
      Object.defineProperties(made, own);
      // An object literal drops symbols: util.promisify finds its own by one.
      for (const symbol of Object.getOwnPropertySymbols(real)) {
        Object.defineProperty(made, symbol, Object.getOwnPropertyDescriptor(real, symbol)!);
      }
      this.#made.set(real, made);
    }
    this.put(on, key, made);
    return made;
  }

  /** put replaces a property by a value. */
  put(on: object, key: string, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(on, key)!;
    Object.defineProperty(on, key, { ...before, value });
    this.#undo.push(() => {
      // Whoever has replaced it since, as node:test's mocks do, has to put back what he found.
      if (Object.getOwnPropertyDescriptor(on, key)?.value === value) Object.defineProperty(on, key, before);
    });
  }

  /** get replaces what an accessor gives. */
  get(on: object, key: string, make: (real: () => unknown) => () => unknown): void {
    const before = Object.getOwnPropertyDescriptor(on, key)!;
    const get = make(Reflect.get(before, "get") as () => unknown);
    Object.defineProperty(on, key, { ...before, get });
    this.#undo.push(() => Object.defineProperty(on, key, before));
  }

  [Symbol.dispose](): void {
    for (const undo of this.#undo.splice(0).toReversed()) undo();
    this.#made.clear();
  }
}
