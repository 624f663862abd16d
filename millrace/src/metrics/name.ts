import { invalid } from "./failure.ts";

/** MetricType is what kind of metric it is. */
export type MetricType = "counter" | "gauge" | "histogram";

/**
 * familyName checks a metric's name, and gives it without the _total of counters: what OpenMetrics knows it by, and what
 * must be there once. Colons are for recording rules. Source: https://prometheus.io/docs/practices/naming/
 */
export function familyName(type: MetricType, name: string, unit: string | undefined): string {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
    throw invalid(`${JSON.stringify(name)}: a name has letters, digits and _, and begins with no digit`);
  }
  const total = name.endsWith("_total");
  if (type === "counter" && !total) throw invalid(`${name}: a counter's name must end in _total`);
  const suffix = /_(total|sum|count|bucket|created)$/.exec(name)?.[0];
  if (type !== "counter" && suffix !== undefined) throw invalid(`${name}: a ${type}'s name must not end in ${suffix}`);
  const family = total ? name.slice(0, -"_total".length) : name;
  if (family === "") throw invalid(`${name}: there must be more than _total`);
  if (unit !== undefined && (unit === "" || !family.endsWith(`_${unit}`))) {
    throw invalid(`${name}: its unit is ${unit}, so it must end in _${unit}${total ? "_total" : ""}`);
  }
  return family;
}

/** checkLabels checks the names of labels. Source: https://prometheus.io/docs/concepts/data_model/ */
export function checkLabels(type: MetricType, name: string, labels: readonly string[]): void {
  for (const [i, label] of labels.entries()) {
    const where = `${name}: label ${JSON.stringify(label)}`;
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) {
      throw invalid(`${where}: a name has letters, digits and _, and begins with no digit`);
    }
    if (label.startsWith("__")) throw invalid(`${where}: names that begin with __ are Prometheus' own`);
    if (type === "histogram" && label === "le") throw invalid(`${where}: le is the bound of a histogram's bucket`);
    if (labels.indexOf(label) !== i) throw invalid(`${where} is there twice`);
  }
}
