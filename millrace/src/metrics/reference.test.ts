import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Registry } from "./registry.ts";
import { everything } from "./testing/everything.ts";

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
  using _running = await everything(registry);
  const there = registry
    .families()
    .filter(({ name }) => name !== "own")
    .map(({ type, name, labels }) => [type === "counter" ? `${name}_total` : name, `${type} ${labels.join(",")}`]);
  const sorted = (names: Iterable<readonly string[]>): unknown => [...names].map((one) => one.join(" ")).toSorted();
  assert.deepEqual(sorted(documented()), sorted(there as [string, string][]));
});
