import { Registry, scrape } from "millrace/metrics";
import { printNanoseconds } from "../../lib/kernel.ts";
import { proveLines } from "../values.ts";

const COUNT = 20_000_000;
const registry = new Registry();
const vec = registry.counterVec("requests_total", { help: "Requests.", labels: ["route", "method"] });
const counter = vec.labels({ route: "/", method: "GET" });
counter.inc();
proveLines(scrape(registry).body, 1, 'requests_total{route="/",method="GET"} 1');

await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) counter.inc();
});
