import { invalid } from "./failure.ts";
import type { Family, Metric } from "./family.ts";

/** OTHER is the value of every label of the series that takes what there is no room for. */
const OTHER = "other";

/** Vec is a metric with labels: a series for each set of their values, at most maxSeries and the overflow's. */
export class Vec<L extends string, M extends Metric> {
  readonly #family: Family<M>;
  readonly #names: readonly L[];
  readonly #maxSeries: number;
  readonly #overflowed: () => void;
  // A map for each label in another's, the metric in the last: nothing is joined, so nothing is allocated to look up.
  readonly #root = new Map<string, unknown>();
  #other: M | undefined = undefined;

  /** @internal use registry.counterVec and its siblings */
  constructor(family: Family<M>, names: readonly L[], maxSeries: number, overflowed: () => void) {
    this.#family = family;
    this.#names = names;
    this.#maxSeries = maxSeries;
    this.#overflowed = overflowed;
  }

  /**
   * labels is the series with these values; keep it where you can, since looking it up costs more than an observation.
   * The values must come from a small set: a route's pattern and not its path. When maxSeries are there, new values
   * share one series whose labels are all "other", and `metrics_label_overflows_total` counts each such call.
   * A value that is not a string throws "invalid_argument".
   */
  labels(values: Readonly<Record<L, string>>): M {
    const names = this.#names;
    let node: unknown = this.#root;
    for (let i = 0; i < names.length; i++) {
      // Above the last label there are maps only.
      node = (node as Map<string, unknown>).get(values[names[i]!]);
      if (node === undefined) return this.#add(names.map((name) => values[name]));
    }
    // Under the last label there are metrics only.
    return node as M;
  }

  #add(values: readonly string[]): M {
    const wrong = values.findIndex((value) => typeof value !== "string");
    if (wrong !== -1) throw invalid(`${this.#family.name}: label ${this.#names[wrong]}: no string was given`);
    if (this.#family.size - (this.#other === undefined ? 0 : 1) < this.#maxSeries) return this.#put(values);
    this.#overflowed();
    // Who has used the name "other" before shares its series.
    return (this.#other ??= this.#find(OTHER) ?? this.#put(values.map(() => OTHER)));
  }

  #put(values: readonly string[]): M {
    const metric = this.#family.add(values);
    let node = this.#root;
    for (const value of values.slice(0, -1)) {
      // Above the last label there are maps only.
      let next = node.get(value) as Map<string, unknown> | undefined;
      if (next === undefined) node.set(value, (next = new Map()));
      node = next;
    }
    node.set(values.at(-1)!, metric);
    return metric;
  }

  #find(value: string): M | undefined {
    let node: unknown = this.#root;
    for (let i = 0; i < this.#names.length && node !== undefined; i++) node = (node as Map<string, unknown>).get(value);
    return node as M | undefined;
  }
}
