import { checkNumber } from "./check.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** RetryBudgetOptions says how much may be retried. */
export interface RetryBudgetOptions {
  /** ratio is how many retries a call pays for, 0 to 1. Default: 0.1. */
  readonly ratio?: number;
  /** minPerSecond is how many retries a second are allowed beside that, for those who call seldom. Default: 1. */
  readonly minPerSecond?: number;
  /** windowMs is for how long a call pays. Default: 10,000. */
  readonly windowMs?: number;
}

/**
 * RetryBudget bounds the retries of all calls that share it to a part of the calls, so that an upstream that fails is
 * not asked more and more. Each call pays in `ratio`, each retry takes out 1; what was paid in is worth nothing after
 * windowMs, and minPerSecond fills the rest. Source: Finagle's RetryBudget.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  readonly #window: SlidingWindow;

  constructor(options: RetryBudgetOptions = {}) {
    const { ratio = 0.1, minPerSecond = 1, windowMs = 10_000 } = options;
    checkNumber("retry budget: ratio", ratio, 0, 1);
    checkNumber("retry budget: minPerSecond", minPerSecond, 0);
    checkNumber("retry budget: windowMs", windowMs, 1);
    this.#ratio = ratio;
    this.#reserve = (minPerSecond * windowMs) / 1000;
    this.#window = new SlidingWindow(windowMs, 1);
  }

  /** balance is how many retries may be made now. */
  get balance(): number {
    // Ten tenths are a whole one, whatever the floating point says.
    return Math.max(0, Math.floor(this.#window.total(0) + this.#reserve + 1e-6));
  }

  /** deposit is called once for each call, before its first attempt. */
  deposit(): void {
    this.#window.add(0, this.#ratio);
  }

  /** tryWithdraw takes out one retry, or says that there is none. */
  tryWithdraw(): boolean {
    if (this.balance < 1) return false;
    this.#window.add(0, -1);
    return true;
  }
}
