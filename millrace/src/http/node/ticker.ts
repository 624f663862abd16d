/** Ticker calls a function at intervals for as long as that has something to do, and then rests until it is woken. */
export class Ticker {
  readonly #everyMs: number;
  // Says whether there is more to do.
  readonly #tick: () => boolean;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(everyMs: number, tick: () => boolean) {
    this.#everyMs = everyMs;
    this.#tick = tick;
  }

  /** wake begins to call, the first time after one interval; one that is awake stays as it is. */
  wake(): void {
    this.#timer ??= setInterval(() => {
      if (!this.#tick()) this.rest();
    }, this.#everyMs);
  }

  /** rest ends the calls. */
  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
