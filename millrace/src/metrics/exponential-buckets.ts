/** MAX_BUCKETS is how many buckets there are on a side at most, as OpenTelemetry has it. @internal */
export const MAX_BUCKETS = 160;

/** ExponentialBuckets are the counts of one side, above or below 0: at most 160 that follow one another. @internal */
export class ExponentialBuckets {
  // A ring: the bucket `index` is at index - #base, or 160 more. Doubles, which count to 2^53.
  readonly #counts: Float64Array = new Float64Array(MAX_BUCKETS);
  #base = 0;
  // What is counted lies between these two; nothing is while low is above high.
  #low = 1;
  #high = 0;

  /** add counts one in a bucket; false if that is too far from the others, and nothing was done. */
  add(index: number): boolean {
    if ((index < this.#low || index > this.#high) && !this.#widen(index)) return false;
    const at = index - this.#base;
    this.#counts[at < 0 ? at + MAX_BUCKETS : at]! += 1;
    return true;
  }

  /** shiftFor is by how many scales the buckets must become coarser to hold another one too. */
  shiftFor(index: number): number {
    let shift = 0;
    while ((Math.max(this.#high, index) >> shift) - (Math.min(this.#low, index) >> shift) >= MAX_BUCKETS) shift++;
    return shift;
  }

  /** coarsen makes one bucket of each 2^shift. */
  coarsen(shift: number): void {
    const { offset, counts } = this.read();
    this.#counts.fill(0);
    if (counts.length === 0) return;
    this.#base = this.#low = offset >> shift;
    this.#high = (offset + counts.length - 1) >> shift;
    for (const [i, count] of counts.entries()) this.#counts[((offset + i) >> shift) - this.#base]! += count;
  }

  /** read gives the counts from the lowest bucket that counts to the highest. */
  read(): { readonly offset: number; readonly counts: readonly number[] } {
    const counts: number[] = [];
    for (let index = this.#low; index <= this.#high; index++) {
      const at = index - this.#base;
      counts.push(this.#counts[at < 0 ? at + MAX_BUCKETS : at]!);
    }
    return { offset: counts.length === 0 ? 0 : this.#low, counts };
  }

  #widen(index: number): boolean {
    if (this.#low > this.#high) {
      this.#base = this.#low = this.#high = index;
      return true;
    }
    if (Math.max(this.#high, index) - Math.min(this.#low, index) >= MAX_BUCKETS) return false;
    if (index < this.#low) this.#low = index;
    else this.#high = index;
    return true;
  }
}
