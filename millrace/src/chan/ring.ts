/** Ring is a bounded queue of values in an array that grows up to the bound; slots are cleared when they are read. */
export class Ring<T> {
  readonly capacity: number;
  length = 0;
  #slots: (T | undefined)[];
  // Index of the oldest value; the size of #slots is a power of two.
  #head = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#slots = [];
  }

  /** push appends; the caller has checked that there is room. */
  push(value: T): void {
    if (this.length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.length++) & (this.#slots.length - 1)] = value;
  }

  /** shift takes the oldest; the caller has checked that there is one. */
  shift(): T {
    // The slot is occupied, so the value is a T even when it is undefined.
    const value = this.#slots[this.#head] as T;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.length--;
    return value;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = Array.from<T | undefined>({ length: Math.max(4, old.length * 2) }).fill(undefined);
    for (let i = 0; i < this.length; i++) slots[i] = old[(this.#head + i) & (old.length - 1)];
    this.#slots = slots;
    this.#head = 0;
  }
}
