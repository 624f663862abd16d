const MASK = "***";

/**
 * Secret holds a value that must not be printed: string conversion, JSON, template literals and Node's inspect all
 * give "***". The value leaves only through `reveal()`, which is easy to search for in a review.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** reveal is the value itself. Call it where the value is used, not where it is passed on. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  static {
    // On the prototype by hand: isolatedDeclarations cannot name a computed member.
    Object.defineProperty(this.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: () => MASK });
  }
}
