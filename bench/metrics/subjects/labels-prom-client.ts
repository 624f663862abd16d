import { Histogram, Registry } from "prom-client";
import { printNanoseconds } from "../../lib/kernel.ts";
import { BUCKETS, LABELS, VALUES, proveLines } from "../values.ts";

const COUNT = 500_000;
const registry = new Registry();
const vec = new Histogram({
  name: "wait_seconds",
  help: "Wait.",
  labelNames: ["route", "method", "status"],
  buckets: [...BUCKETS],
  registers: [registry],
});
for (const { route, method, status } of LABELS) vec.observe({ route, method, status }, 0.07);
const want = 'wait_seconds_count{route="/route/1/:id",method="GET",status="200"} 1';
proveLines(await registry.metrics(), 16 * 17, want);

await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) {
    const { route, method, status } = LABELS[i & 15]!;
    vec.observe({ route, method, status }, VALUES[i & 1023]!);
  }
});
