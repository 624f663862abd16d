import { type Ctx, sleep, timeLeftMs } from "../context/index.ts";
import { checkCount, checkNumber } from "./check.ts";
import { type ResilienceHooks, tell } from "./hooks.ts";
import { Refused } from "./refused.ts";

/** TokenBucketOptions says how fast and how much at once. */
export interface TokenBucketOptions {
  /** perSecond is how many tokens come in a second, above 0. */
  readonly perSecond: number;
  /** burst is how many there are at most, and at first; at least 1. */
  readonly burst: number;
  /** name is for the message and the hooks. Default: "token bucket". */
  readonly name?: string;
  /** hooks are told of refusals (by tryTake and wait) and of how long calls wait. Default: none. */
  readonly hooks?: ResilienceHooks | undefined;
}

/** Reservation is a claim on tokens that come later. */
export interface Reservation {
  /** delayMs is how long to wait before the claim may be used, counted from when it was made. */
  readonly delayMs: number;
  /** cancel gives back what nobody has reserved behind it; no more than that once it may be used, or a second time. */
  cancel(): void;
}

/**
 * TokenBucket limits how often something is done: `burst` at once, `perSecond` in the long run.
 * Source: Go's golang.org/x/time/rate.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #name: string;
  readonly #hooks: ResilienceHooks | undefined;
  // Below 0 while tokens are reserved that have not come.
  #tokens: number;
  #at: number = performance.now();
  // When the last reservation may be used.
  #lastUseAt = 0;

  constructor({ perSecond, burst, name = "token bucket", hooks }: TokenBucketOptions) {
    checkNumber("token bucket: perSecond", perSecond, Number.MIN_VALUE);
    checkCount("token bucket: burst", burst, 1);
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#name = name;
    this.#hooks = hooks;
  }

  /** tokens is how many there are now; below 0, how many of those that come are reserved. */
  get tokens(): number {
    this.#fill();
    return this.#tokens;
  }

  /** tryTake takes n tokens if they are there. */
  tryTake(n: number = 1): boolean {
    checkCount("token bucket: n", n, 0);
    if (this.tokens < n) {
      this.#tellRefused();
      return false;
    }
    this.#tokens -= n;
    return true;
  }

  /** reserve takes n tokens, also ones that have yet to come. Throws a RangeError if n is more than burst. */
  reserve(n: number = 1): Reservation {
    checkCount("token bucket: n", n, 0);
    if (n > this.#burst)
      throw new RangeError(`resilience: token bucket: ${n} tokens, but there are never over ${this.#burst}`);
    this.#fill();
    this.#tokens -= n;
    const delayMs = Math.max(0, -this.#tokens / this.#perMs);
    const useAt = this.#at + delayMs;
    this.#lastUseAt = useAt;
    let left = n;
    const cancel = (): void => {
      if (left === 0 || performance.now() >= useAt) return;
      // Whoever came later has counted on the others.
      const behind = (this.#lastUseAt - useAt) * this.#perMs;
      const restored = Math.max(0, left - behind);
      left = 0;
      this.#fill();
      this.#tokens = Math.min(this.#burst, this.#tokens + restored);
      if (this.#lastUseAt === useAt) this.#lastUseAt -= n / this.#perMs;
    };
    return { delayMs, cancel };
  }

  /**
   * wait takes n tokens as soon as they are there, in the order of the calls. It throws at once, with the code
   * "deadline_exceeded" and the reason "resilience/too_late", if ctx's deadline comes before; and ctx's error if that
   * ends while it waits, and takes nothing then.
   */
  async wait(ctx: Ctx, n: number = 1): Promise<void> {
    ctx.throwIfDone();
    const reservation = this.reserve(n);
    const { delayMs } = reservation;
    if (delayMs === 0) return this.#tellWaited(0);
    if (delayMs > timeLeftMs(ctx)) {
      reservation.cancel();
      this.#tellRefused();
      const message = `${this.#name}: the turn comes in ${Math.ceil(delayMs)} ms, after the deadline`;
      throw new Refused("too_late", "deadline_exceeded", message, delayMs);
    }
    try {
      await sleep(ctx, delayMs);
      this.#tellWaited(delayMs);
    } catch (err) {
      reservation.cancel();
      throw err;
    }
  }

  #tellRefused(): void {
    if (this.#hooks === undefined) return;
    tell(this.#hooks, (hooks) => hooks.refused?.({ by: "token_bucket", name: this.#name }));
  }

  #tellWaited(waitMs: number): void {
    if (this.#hooks === undefined) return;
    tell(this.#hooks, (hooks) => hooks.waited?.({ by: "token_bucket", name: this.#name, waitMs }));
  }

  #fill(): void {
    const now = performance.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
