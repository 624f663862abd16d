import { Alarm, type Sleeping } from "../runtime/alarm.ts";
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

class Ticker extends Channel<number> implements Sleeping {
  readonly #periodMs: number;
  // When the next tick is due, on the clock that never goes back.
  #nextAt: number;
  #alarm: Alarm;

  constructor(ms: number) {
    super(1);
    this.#periodMs = ms;
    this.#nextAt = performance.now() + ms;
    this.#alarm = new Alarm(ms, this);
  }

  override [Symbol.dispose](): void {
    this.#alarm.clear();
  }

  ring(): void {
    this.trySend(Date.now());
    const now = performance.now();
    // Ticks that were missed altogether are left out.
    this.#nextAt += this.#periodMs * (1 + Math.max(0, Math.floor((now - this.#nextAt) / this.#periodMs)));
    this.#alarm = new Alarm(this.#nextAt - now, this);
  }
}
