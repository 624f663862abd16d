import { Registry, scrape } from "millrace/metrics";
import { printNanoseconds } from "../../lib/kernel.ts";
import { VALUES, proveLines } from "../values.ts";

const COUNT = 10_000_000;
const registry = new Registry();
const labels = ["route", "method"] as const;
const vec = registry.exponentialHistogramVec("wait_seconds", { help: "Wait.", unit: "seconds", labels });
const histogram = vec.labels({ route: "/", method: "GET" });
histogram.observe(0.07);
proveLines(scrape(registry).body, 18, 'wait_seconds_bucket{route="/",method="GET",le="0.125"} 1');

await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) histogram.observe(VALUES[i & 1023]!);
});
