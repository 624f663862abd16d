import { Histogram, Registry } from "prom-client";
import { printNanoseconds } from "../../lib/kernel.ts";
import { BUCKETS, VALUES, proveLines } from "../values.ts";

const COUNT = 1_000_000;
const registry = new Registry();
const vec = new Histogram({
  name: "wait_seconds",
  help: "Wait.",
  labelNames: ["route", "method"],
  buckets: [...BUCKETS],
  registers: [registry],
});
const histogram = vec.labels({ route: "/", method: "GET" });
histogram.observe(0.07);
proveLines(await registry.metrics(), 17, 'wait_seconds_bucket{le="0.075",route="/",method="GET"} 1');

await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) histogram.observe(VALUES[i & 1023]!);
});
