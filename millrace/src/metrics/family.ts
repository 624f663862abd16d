import type { Counter } from "./counter.ts";
import { escapeValue } from "./escape.ts";
import type { ExponentialHistogram } from "./exponential-histogram.ts";
import type { Gauge } from "./gauge.ts";
import type { Histogram } from "./histogram.ts";
import type { MetricType } from "./name.ts";

/** Metric is one series of any kind. */
export type Metric = Counter | Gauge | Histogram | ExponentialHistogram;

/** Series is a metric with the values of its labels. @internal */
export interface Series<M extends Metric = Metric> {
  /** values stand in the order of the family's labels. */
  readonly values: readonly string[];
  /** text is `a="b",c="d"`, escaped, or "". */
  readonly text: string;
  readonly metric: M;
}

/** FamilyOptions is what a family is. @internal */
export interface FamilyOptions<M> {
  readonly type: MetricType;
  readonly name: string;
  readonly help: string;
  readonly unit: string | undefined;
  readonly labels: readonly string[];
  readonly make: () => M;
}

/** Family is all series of one name. @internal */
export class Family<M extends Metric = Metric> {
  /** name is without the _total of counters. */
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string | undefined;
  readonly labels: readonly string[];
  readonly #make: () => M;
  readonly #series: Series<M>[] = [];
  #sorted = true;

  constructor(options: FamilyOptions<M>) {
    this.name = options.name;
    this.type = options.type;
    this.help = options.help;
    this.unit = options.unit;
    this.labels = options.labels;
    this.#make = options.make;
  }

  /** size is the number of series. */
  get size(): number {
    return this.#series.length;
  }

  /** add makes a series; whoever calls knows that there is none with these values. */
  add(values: readonly string[]): M {
    const metric = this.#make();
    const text = this.labels.map((label, i) => `${label}="${escapeValue(values[i]!)}"`).join(",");
    this.#series.push({ values, text, metric });
    this.#sorted = false;
    return metric;
  }

  /** series are sorted by their labels, so that two scrapes can be compared. */
  series(): readonly Series<M>[] {
    if (!this.#sorted) this.#series.sort((a, b) => (a.text < b.text ? -1 : 1));
    this.#sorted = true;
    return this.#series;
  }
}
