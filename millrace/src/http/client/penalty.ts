// How fast it is forgotten that an upstream has failed: to a third in this time.
const FADE_MS = 5000;

/** Penalty counts failures and forgets them little by little. */
export class Penalty {
  #value = 0;
  #at = 0;

  get value(): number {
    return this.#value === 0 ? 0 : this.#value * Math.exp((this.#at - performance.now()) / FADE_MS);
  }

  /** add counts one failure. */
  add(): void {
    this.#value = this.value + 1;
    this.#at = performance.now();
  }
}
