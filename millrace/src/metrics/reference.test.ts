import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { background } from "../context/index.ts";
import { Router, text } from "../http/index.ts";
import { serve } from "../http/node/testing/setup.ts";
import { metrics } from "../middleware/index.ts";
import { watchCache } from "./cache/index.ts";
import { clientMetrics } from "./http/index.ts";
import { Registry } from "./registry.ts";
import { runtimeMetrics } from "./runtime.ts";
import { PoolMetrics } from "./sql/index.ts";

/** What the table of names says: each name with its kind and its labels. */
function documented(): Map<string, string> {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/reference/metrics.md"), "utf8");
  const table = page.slice(page.indexOf("| metric | kind |")).split("\n\n")[0]!;
  const names = new Map<string, string>();
  for (const line of table.split("\n").slice(2)) {
    const [, metric = "", kind = "", labels = ""] = line.split("|").map((cell) => cell.trim());
    // What follows a colon are a label's values.
    const labelled = [...labels.replaceAll(/:[^;]*/g, "").matchAll(/`(\w+)`/g)].map(([, label]) => label);
    for (const [, name] of metric.matchAll(/`([^`]+)`/g)) names.set(name!, `${kind} ${labelled.join(",")}`);
  }
  return names;
}

test("every metric there is stands in the reference, with its kind and labels, and no other", async () => {
  const registry = new Registry();
  using _runtime = runtimeMetrics(registry);
  const stats = { hits: 0, misses: 0, stale: 0, loads: 0, errors: 0, evictions: 0, size: 0, weight: 0 };
  watchCache(registry, "users", { stats: () => stats });
  // What a pool says is its own tests' business; here only the names are looked at.
  new PoolMetrics(registry, "main").watch({ stats: () => assert.fail("nobody scrapes") });
  clientMetrics(registry).request(background, { method: "GET", origin: "http://127.0.0.1" }).end(200, undefined);
  await using up = await serve(new Router().use(metrics(registry)).get("/", () => text("")));
  await (await fetch(up.server.url)).text();
  registry.readFailed("a");
  const vec = registry.gaugeVec("own", { help: "Own.", labels: ["a"], maxSeries: 1 });
  for (const a of ["1", "2"]) vec.labels({ a });

  const there = registry
    .families()
    .filter(({ name }) => name !== "own")
    .map(({ type, name, labels }) => [type === "counter" ? `${name}_total` : name, `${type} ${labels.join(",")}`]);
  const sorted = (names: Iterable<readonly string[]>): unknown => [...names].map((one) => one.join(" ")).toSorted();
  assert.deepEqual(sorted(documented()), sorted(there as [string, string][]));
});
