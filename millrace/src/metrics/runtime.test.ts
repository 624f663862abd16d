import assert from "node:assert/strict";
import { test } from "node:test";
import { background, sleep, withCancel } from "../context/index.ts";
import { go } from "../task/index.ts";
import { Registry } from "./registry.ts";
import { runtimeMetrics } from "./runtime.ts";
import { scrape } from "./scrape.ts";

function valuesOf(registry: Registry): Map<string, number> {
  const lines = scrape(registry)
    .body.split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

test("what the process tells", async () => {
  const registry = new Registry();
  using _metrics = runtimeMetrics(registry);
  const before = valuesOf(registry);
  // Longer than a delay's timer, and of a collection's making.
  const until = performance.now() + 150;
  let garbage: unknown[] = [];
  while (performance.now() < until) garbage = garbage.length > 1000 ? [] : [...garbage, { garbage: garbage.length }];
  using ctx = withCancel(background);
  const task = go(ctx, (own) => sleep(own, 60_000));
  // The observer of collections is told in a turn of the loop, and so is the delay's timer.
  for (let left = 200; left > 0 && !collected(registry); left--) await new Promise((done) => setTimeout(done, 10));
  const after = valuesOf(registry);
  const at = (name: string): number => after.get(name) ?? assert.fail(`${name} is not there`);
  assert.ok(at("process_cpu_seconds_total") > before.get("process_cpu_seconds_total")!);
  assert.ok(Math.abs(at("process_start_time_seconds") - Date.now() / 1000) < 600);
  assert.ok(at("process_resident_memory_bytes") > 10e6);
  assert.ok(at("nodejs_heap_size_used_bytes") > 1e6);
  assert.ok(at("nodejs_heap_size_limit_bytes") > at("nodejs_heap_size_used_bytes"));
  assert.ok(at("nodejs_external_memory_bytes") > 0);
  assert.ok(at('nodejs_gc_duration_seconds_count{kind="minor"}') >= 1);
  assert.ok(at('nodejs_eventloop_time_seconds_total{state="active"}') > 0);
  assert.ok(at('nodejs_eventloop_time_seconds_total{state="idle"}') >= 0);
  assert.equal(at(`nodejs_version_info{version="${process.version}"}`), 1);
  assert.ok(at("nodejs_active_resources") >= 0);
  assert.ok(at('millrace_tasks{state="waiting"}') >= 1);
  if (process.platform === "linux") {
    assert.ok(at("process_open_fds") >= 3);
    assert.ok(at("process_max_fds") >= at("process_open_fds"));
  }
  assert.equal(scrape(registry).body.includes("metrics_read_failures"), false);
  ctx.cancel();
  await assert.rejects(async () => await task);
});

function collected(registry: Registry): boolean {
  return valuesOf(registry).has('nodejs_gc_duration_seconds_count{kind="minor"}');
}

test("a blocked event loop shows, until the next scrape", async () => {
  const registry = new Registry();
  using _metrics = runtimeMetrics(registry);
  const max = (): number => valuesOf(registry).get("nodejs_eventloop_lag_max_seconds")!;
  await new Promise((done) => setTimeout(done, 30));
  const until = performance.now() + 300;
  while (performance.now() < until);
  let worst = 0;
  for (let left = 100; left > 0 && worst < 0.2; left--) {
    await new Promise((done) => setTimeout(done, 20));
    worst = max();
  }
  assert.ok(worst >= 0.2, `${worst} s`);
});
