import { MAX_TIMER_MS } from "../context/node.ts";
import type { Receiver } from "./chan.ts";
import { Channel } from "./channel.ts";

/**
 * ticker is a channel that gets the Unix time every so many milliseconds, on a fixed schedule: a late tick does not move
 * the next. Whoever reads slowly loses ticks; one is kept. Its timer keeps the process alive until it is disposed, which
 * does not close the channel: `using tick = ticker(1000)`. Throws RangeError unless the period is more than 0.
 * Source: Go's time.NewTicker.
 */
export function ticker(ms: number): Receiver<number> & Disposable {
  if (!(ms > 0 && ms < Infinity)) throw new RangeError(`chan: ticker: want a period of more than 0 ms, got ${ms}`);
  return new Ticker(ms);
}

class Ticker extends Channel<number> {
  readonly #periodMs: number;
  // When the next tick is due, on the clock that never goes back.
  #nextAt: number;
  #timeout: NodeJS.Timeout | undefined = undefined;

  constructor(ms: number) {
    super(1);
    this.#periodMs = ms;
    this.#nextAt = performance.now() + ms;
    this.#arm();
  }

  override [Symbol.dispose](): void {
    clearTimeout(this.#timeout);
  }

  #arm(): void {
    const left = Math.max(0, Math.ceil(this.#nextAt - performance.now()));
    this.#timeout = setTimeout(() => this.#fired(), Math.min(left, MAX_TIMER_MS));
  }

  #fired(): void {
    const late = performance.now() - this.#nextAt;
    if (late >= 0) {
      this.trySend(Date.now());
      // Ticks that were missed altogether are left out.
      this.#nextAt += this.#periodMs * (1 + Math.floor(late / this.#periodMs));
    }
    this.#arm();
  }
}
