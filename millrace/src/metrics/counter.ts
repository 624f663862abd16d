import { Exemplar } from "./exemplar.ts";

/**
 * Counter counts up, for as long as the process lives. It is what `registry.counter` and `labels` of a family give: keep
 * it, and counting costs a few nanoseconds and no allocation.
 */
export class Counter {
  #value = 0;
  #read: (() => number) | undefined = undefined;
  #exemplar: Exemplar | undefined = undefined;

  /**
   * inc adds 1, or a number of 0 or more; anything else throws a RangeError. traceId is the trace that this was part of:
   * the last one is shown beside the value, in OpenMetrics.
   */
  inc(by: number = 1, traceId?: string): void {
    if (!(by >= 0)) throw new RangeError(`metrics: a counter counts up by 0 or more, not ${by}`);
    this.#value += by;
    if (traceId !== undefined) (this.#exemplar ??= new Exemplar()).set(by, traceId);
  }

  /** readFrom takes the value from somewhere else that counts, whenever it is read; inc then has no effect. */
  readFrom(read: () => number): this {
    this.#read = read;
    return this;
  }

  /** value is what has been counted. It throws what the function of readFrom throws. */
  get value(): number {
    return this.#read === undefined ? this.#value : this.#read();
  }

  /** exemplar is the last one. @internal */
  get exemplar(): Exemplar | undefined {
    return this.#exemplar;
  }
}
