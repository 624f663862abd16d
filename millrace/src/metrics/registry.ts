import { Failure } from "../errors/index.ts";
import { DEFAULT_BUCKETS, boundsOf, powersOfTwo } from "./buckets.ts";
import { Counter } from "./counter.ts";
import { ExponentialHistogram } from "./exponential-histogram.ts";
import { invalid } from "./failure.ts";
import { Family, type Metric } from "./family.ts";
import { Gauge } from "./gauge.ts";
import { Histogram } from "./histogram.ts";
import { type MetricType, checkLabels, familyName } from "./name.ts";
import type {
  ExponentialOptions,
  ExponentialVecOptions,
  HistogramOptions,
  HistogramVecOptions,
  MetricOptions,
  VecOptions,
} from "./options.ts";
import { Vec } from "./vec.ts";

/**
 * Registry holds a service's metrics. Make one at the start and hand it to whoever measures. What cannot be, it refuses
 * when it is registered: a name that breaks Prometheus' rules with "invalid_argument", a second one with
 * "already_exists".
 */
export class Registry {
  // By the name without _total, which is what must be there once.
  readonly #families = new Map<string, Family>();
  readonly #shared = new Map<string, unknown>();
  #sorted: readonly Family[] | undefined = undefined;
  #overflows: Vec<"metric", Counter> | undefined = undefined;
  #readFailures: Vec<"metric", Counter> | undefined = undefined;

  /** counter registers a counter. Its name ends in _total. */
  counter(name: string, options: MetricOptions): Counter {
    return this.#register("counter", name, options, [], () => new Counter()).add([]);
  }

  /** counterVec registers a counter with labels. */
  counterVec<const L extends string>(name: string, options: VecOptions<L>): Vec<L, Counter> {
    return this.#vec("counter", name, options, () => new Counter());
  }

  /** gauge registers a gauge. */
  gauge(name: string, options: MetricOptions): Gauge {
    return this.#register("gauge", name, options, [], () => new Gauge()).add([]);
  }

  /** gaugeVec registers a gauge with labels. */
  gaugeVec<const L extends string>(name: string, options: VecOptions<L>): Vec<L, Gauge> {
    return this.#vec("gauge", name, options, () => new Gauge());
  }

  /** histogram registers a histogram. */
  histogram(name: string, options: HistogramOptions): Histogram {
    const bounds = boundsOf(name, options.buckets ?? DEFAULT_BUCKETS);
    return this.#register("histogram", name, options, [], () => new Histogram(bounds)).add([]);
  }

  /** histogramVec registers a histogram with labels. */
  histogramVec<const L extends string>(name: string, options: HistogramVecOptions<L>): Vec<L, Histogram> {
    const bounds = boundsOf(name, options.buckets ?? DEFAULT_BUCKETS);
    return this.#vec("histogram", name, options, () => new Histogram(bounds));
  }

  /** exponentialHistogram registers a histogram whose buckets need no bounds. */
  exponentialHistogram(name: string, options: ExponentialOptions): ExponentialHistogram {
    const bounds = powersOfTwo(name, options.range);
    return this.#register("histogram", name, options, [], () => new ExponentialHistogram(bounds)).add([]);
  }

  /** exponentialHistogramVec registers a histogram with labels, whose buckets need no bounds. */
  exponentialHistogramVec<const L extends string>(
    name: string,
    options: ExponentialVecOptions<L>,
  ): Vec<L, ExponentialHistogram> {
    const bounds = powersOfTwo(name, options.range);
    return this.#vec("histogram", name, options, () => new ExponentialHistogram(bounds));
  }

  /**
   * shared gives what make has made when it was first called with this key: for metrics that several of one kind count
   * into, as the routers of a process do.
   */
  shared<T>(key: string, make: () => T): T {
    if (!this.#shared.has(key)) this.#shared.set(key, make());
    // What the key stands for is its callers' to agree on.
    return this.#shared.get(key) as T;
  }

  /** families are all that is registered, by name. @internal */
  families(): readonly Family[] {
    return (this.#sorted ??= [...this.#families.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  }

  /** readFailed counts a value that could not be read: its function threw. @internal */
  readFailed(family: string): void {
    this.#readFailures ??= this.counterVec("metrics_read_failures_total", {
      help: "Values left out of an answer because the function that reads them threw.",
      labels: ["metric"],
    });
    this.#readFailures.labels({ metric: family }).inc();
  }

  #vec<L extends string, M extends Metric>(
    type: MetricType,
    name: string,
    options: VecOptions<L>,
    make: () => M,
  ): Vec<L, M> {
    const { labels, maxSeries = 2000 } = options;
    if (labels.length === 0) throw invalid(`${name}: there are no labels`);
    if (!Number.isSafeInteger(maxSeries) || maxSeries < 1) {
      throw invalid(`${name}: maxSeries must be a whole number of at least 1, not ${maxSeries}`);
    }
    const family = this.#register(type, name, options, labels, make);
    return new Vec(family, labels, maxSeries, () => this.#overflowed(family.name));
  }

  #register<M extends Metric>(
    type: MetricType,
    name: string,
    { help, unit }: MetricOptions,
    labels: readonly string[],
    make: () => M,
  ): Family<M> {
    const key = familyName(type, name, unit);
    checkLabels(type, name, labels);
    if (help.trim() === "") throw invalid(`${name}: help must say what it is`);
    if (this.#families.has(key)) {
      throw new Failure(`metrics: ${name}: it is registered already`, {
        code: "already_exists",
        reason: "metrics/duplicate",
      });
    }
    const family = new Family({ type, name: key, help, unit, labels, make });
    this.#families.set(key, family);
    this.#sorted = undefined;
    return family;
  }

  #overflowed(family: string): void {
    this.#overflows ??= this.counterVec("metrics_label_overflows_total", {
      help: "Look-ups of labels that were given the series other, because there were maxSeries.",
      labels: ["metric"],
    });
    this.#overflows.labels({ metric: family }).inc();
  }
}
