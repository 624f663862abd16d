/** Gauge is a value that goes up and down. Keep it, and setting it costs a few nanoseconds and no allocation. */
export class Gauge {
  #value = 0;
  #read: (() => number) | undefined = undefined;

  /** set sets the value. */
  set(value: number): void {
    this.#value = value;
  }

  /** inc adds 1, or a number. */
  inc(by: number = 1): void {
    this.#value += by;
  }

  /** dec takes 1 away, or a number. */
  dec(by: number = 1): void {
    this.#value -= by;
  }

  /** readFrom asks a function for the value whenever it is read: the length of a queue. set then has no effect. */
  readFrom(read: () => number): this {
    this.#read = read;
    return this;
  }

  /** value is the value now. It throws what the function of readFrom throws. */
  get value(): number {
    return this.#read === undefined ? this.#value : this.#read();
  }
}
