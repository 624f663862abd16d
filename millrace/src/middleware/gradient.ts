/** GradientOptions bounds what an adaptive limit may become. */
export interface GradientOptions {
  readonly initial: number;
  readonly min: number;
  readonly max: number;
}

const WINDOW_MS = 100;
const MIN_SAMPLES = 10;
// How much slower than unloaded is still well. With the halving below it must stay under 2, or the measure drifts.
const TOLERANCE = 1.5;
const HEADROOM = 4;
const SMOOTHING = 0.2;
// About half a minute under load, and half a second.
const PROBE_EVERY = 300;
const PROBE_WINDOWS = 5;
// What began under the old limit does not count.
const PROBE_SKIPPED = 2;

/**
 * Gradient finds how many requests a process can do at once, from how long they take: while latency is near what it is
 * without load the limit grows, by 4 a step, and when it rises over 1.5 times that, the limit shrinks in proportion.
 * What latency is without load is the least that was seen; since that may change, the limit is halved for half a second
 * in every half minute under load to see it anew. Samples count 100 ms at a time and at least 10 of them; the limit
 * moves only while it is in use. Source: github.com/Netflix/concurrency-limits, GradientLimit; not Gradient2, whose
 * long-time average learns to believe that an overload is normal.
 */
export class Gradient {
  limit: number;
  readonly #min: number;
  readonly #max: number;
  #estimate: number;
  #unloadedMs = Infinity;
  #sinceProbe = 0;
  #probing = 0;
  #windowEnd = -Infinity;
  #sumMs = 0;
  #count = 0;
  #peak = 0;

  constructor({ initial, min, max }: GradientOptions) {
    this.limit = this.#estimate = initial;
    this.#min = min;
    this.#max = max;
  }

  /** sample tells of a request that has ended now, after so long, and of how many were running with it. */
  sample(now: number, ms: number, running: number): void {
    this.#sumMs += ms;
    this.#count++;
    if (running > this.#peak) this.#peak = running;
    if (now < this.#windowEnd || this.#count < MIN_SAMPLES) return;
    this.#step(this.#sumMs / this.#count, this.#peak >= this.limit / 2);
    this.#windowEnd = now + WINDOW_MS;
    this.#sumMs = this.#count = this.#peak = 0;
  }

  #step(ms: number, inUse: boolean): void {
    if (this.#probing > 0) {
      if (--this.#probing < PROBE_WINDOWS - PROBE_SKIPPED) this.#unloadedMs = Math.min(this.#unloadedMs, ms);
      if (this.#probing === 0) this.limit = Math.floor(this.#estimate);
      return;
    }
    this.#unloadedMs = Math.min(this.#unloadedMs, ms);
    if (!inUse) return;
    const gradient = Math.max(0.5, Math.min(1, (TOLERANCE * this.#unloadedMs) / Math.max(ms, 1e-3)));
    const next = this.#estimate * (1 - SMOOTHING) + (this.#estimate * gradient + HEADROOM) * SMOOTHING;
    this.#estimate = Math.min(this.#max, Math.max(this.#min, next));
    this.limit = Math.floor(this.#estimate);
    if (++this.#sinceProbe < PROBE_EVERY) return;
    this.#sinceProbe = 0;
    this.#probing = PROBE_WINDOWS;
    this.#unloadedMs = Infinity;
    this.limit = Math.max(this.#min, Math.floor(this.#estimate / 2));
  }
}
