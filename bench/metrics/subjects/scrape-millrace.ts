import { Registry, scrape } from "millrace/metrics";
import { printNanoseconds } from "../../lib/kernel.ts";
import { BUCKETS, proveLines } from "../values.ts";

const SERIES = 1000;
const LINES = SERIES * 17;
const registry = new Registry();
const vec = registry.histogramVec("wait_seconds", { help: "Wait.", labels: ["route"], buckets: BUCKETS });
for (let i = 0; i < SERIES; i++) vec.labels({ route: `/${i}` }).observe(0.07);
proveLines(scrape(registry).body, LINES, 'wait_seconds_count{route="/7"} 1');

await printNanoseconds({ count: LINES * 10 }, () => {
  for (let i = 0; i < 10; i++) scrape(registry);
});
