const SLOTS = 10;

/**
 * SlidingWindow adds up some numbers over the last windowMs. Time goes by in tenths of that: what is older than the
 * window is gone at the latest a tenth of it too early.
 */
export class SlidingWindow {
  readonly #slotMs: number;
  // One row of numbers a slot; #totals are their sums.
  readonly #rows: number[][];
  readonly #totals: number[];
  #now: number;

  constructor(windowMs: number, width: number) {
    this.#slotMs = windowMs / SLOTS;
    const zeros = (): number[] => Array.from({ length: width }, () => 0);
    this.#rows = Array.from({ length: SLOTS }, zeros);
    this.#totals = zeros();
    this.#now = this.#slot(performance.now());
  }

  /** add adds to a number; now is performance.now(), for whoever knows it already. */
  add(index: number, amount: number, now: number = performance.now()): void {
    this.#advance(now);
    this.#rows[this.#now % SLOTS]![index]! += amount;
    this.#totals[index]! += amount;
  }

  /** total is the sum of a number over the window; now is performance.now(). */
  total(index: number, now: number = performance.now()): number {
    this.#advance(now);
    return this.#totals[index]!;
  }

  /** clear forgets everything. */
  clear(): void {
    for (const row of this.#rows) row.fill(0);
    this.#totals.fill(0);
  }

  #advance(nowMs: number): void {
    const now = this.#slot(nowMs);
    if (now === this.#now) return;
    for (let passed = Math.min(now - this.#now, SLOTS); passed > 0; passed--) {
      this.#rows[(now - passed + 1) % SLOTS]!.fill(0);
    }
    // Added up anew: what is taken off a sum of fractions leaves a little behind each time.
    for (let i = 0; i < this.#totals.length; i++) this.#totals[i] = this.#rows.reduce((sum, row) => sum + row[i]!, 0);
    this.#now = now;
  }

  #slot(nowMs: number): number {
    return Math.floor(nowMs / this.#slotMs);
  }
}
