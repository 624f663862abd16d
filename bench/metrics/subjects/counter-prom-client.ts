import { Counter, Registry } from "prom-client";
import { printNanoseconds } from "../../lib/kernel.ts";
import { proveLines } from "../values.ts";

const COUNT = 2_000_000;
const registry = new Registry();
const vec = new Counter({
  name: "requests_total",
  help: "Requests.",
  labelNames: ["route", "method"],
  registers: [registry],
});
const counter = vec.labels({ route: "/", method: "GET" });
counter.inc();
proveLines(await registry.metrics(), 1, 'requests_total{route="/",method="GET"} 1');

await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) counter.inc();
});
