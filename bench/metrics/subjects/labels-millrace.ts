import { Registry, scrape } from "millrace/metrics";
import { printNanoseconds } from "../../lib/kernel.ts";
import { BUCKETS, LABELS, VALUES, proveLines } from "../values.ts";

const COUNT = 5_000_000;
const registry = new Registry();
const labels = ["route", "method", "status"] as const;
const vec = registry.histogramVec("wait_seconds", { help: "Wait.", unit: "seconds", labels, buckets: BUCKETS });
for (const { route, method, status } of LABELS) vec.labels({ route, method, status }).observe(0.07);
proveLines(scrape(registry).body, 16 * 17, 'wait_seconds_count{route="/route/1/:id",method="GET",status="200"} 1');

await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) {
    const { route, method, status } = LABELS[i & 15]!;
    vec.labels({ route, method, status }).observe(VALUES[i & 1023]!);
  }
});
