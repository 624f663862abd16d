import { Histogram, Registry } from "prom-client";
import { printNanoseconds } from "../../lib/kernel.ts";
import { BUCKETS, proveLines } from "../values.ts";

const SERIES = 1000;
const LINES = SERIES * 17;
const registry = new Registry();
const vec = new Histogram({
  name: "wait_seconds",
  help: "Wait.",
  labelNames: ["route"],
  buckets: [...BUCKETS],
  registers: [registry],
});
for (let i = 0; i < SERIES; i++) vec.labels({ route: `/${i}` }).observe(0.07);
proveLines(await registry.metrics(), LINES, 'wait_seconds_count{route="/7"} 1');

await printNanoseconds({ count: LINES * 10 }, async () => {
  for (let i = 0; i < 10; i++) await registry.metrics();
});
