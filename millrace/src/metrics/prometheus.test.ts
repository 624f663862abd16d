import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { background, withTimeout } from "../context/index.ts";
import { Reply, Router, text } from "../http/index.ts";
import { serve } from "../http/node/testing/setup.ts";
import { eventually } from "../sql/testing/database.ts";
import { hasPrometheus, startPrometheus } from "../../../tools/prometheus.ts";
import { exposition } from "./exposition.ts";
import { Registry } from "./registry.ts";
import { runtimeMetrics } from "./runtime.ts";
import { scrape } from "./scrape.ts";

const skip = hasPrometheus() ? false : "needs prometheus: apt-get install prometheus";
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const ODD = '/a"\\\n\u{1f600}';

function full(): Registry {
  const registry = new Registry();
  const help = 'A "help" with \\ and\na second line.';
  const requests = registry.counterVec("test_requests_total", { help, labels: ["method", "route"] });
  requests.labels({ method: "GET", route: "/b" }).inc(3);
  requests.labels({ method: "GET", route: ODD }).inc(1.5, TRACE);
  const wait = registry.histogramVec("test_wait_seconds", {
    help,
    unit: "seconds",
    labels: ["queue"],
    buckets: [0.5, 1],
  });
  for (const value of [0.25, 0.5, 0.75, 3]) wait.labels({ queue: "a" }).observe(value, TRACE);
  registry.gauge("test_temperature_celsius", { help, unit: "celsius" }).set(-1.5e-7);
  registry.gauge("test_limit_bytes", { help, unit: "bytes" }).set(Infinity);
  registry.gauge("test_empty", { help }).set(NaN);
  registry.gaugeVec("test_none", { help, labels: ["a"] });
  return registry;
}

const formats = [
  { name: "the text format", type: "text/plain", accept: () => undefined },
  { name: "OpenMetrics, which it asks for", type: "application/openmetrics-text", accept: (a?: string) => a },
];

for (const { name, type, accept } of formats) {
  test(`a real Prometheus reads every line of ${name}`, { skip, timeout: 120_000 }, async () => {
    const registry = full();
    let answered = "";
    const router = new Router().get("/metrics", (_ctx, req) => {
      const { contentType, body } = scrape(registry, accept(req.header("accept")));
      answered = contentType;
      return text(body).header("content-type", contentType);
    });
    await using up = await serve(router);
    await using prometheus = await startPrometheus(new URL(up.server.url).host);
    using ctx = withTimeout(background, 30_000);
    await eventually(ctx, "Prometheus has come by", async () => {
      const { activeTargets } = (await prometheus.get("targets")) as { activeTargets: { health: string }[] };
      const [target] = activeTargets;
      return target?.health === "up" && (await prometheus.query("up"))["{}"] === "1";
    });
    assert.ok(answered.startsWith(type), answered);
    const lines = scrape(registry)
      .body.split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const want: [query: string, want: Record<string, string>][] = [
      ["scrape_samples_scraped", { "{}": String(lines.length) }],
      [
        "sum by (method, route) (test_requests_total)",
        {
          [JSON.stringify({ method: "GET", route: "/b" })]: "3",
          [JSON.stringify({ method: "GET", route: ODD })]: "1.5",
        },
      ],
      ["sum by (le) (test_wait_seconds_bucket <= 2)", { '{"le":"0.5"}': "2" }],
      ["sum(test_wait_seconds_bucket{le=~'1|1.0'})", { "{}": "3" }],
      ["sum(test_wait_seconds_bucket{le='+Inf'})", { "{}": "4" }],
      ["sum(test_wait_seconds_sum{queue='a'})", { "{}": "4.5" }],
      ["sum(test_wait_seconds_count)", { "{}": "4" }],
      ["sum(test_temperature_celsius)", { "{}": "-1.5e-07" }],
      ["sum(test_limit_bytes)", { "{}": "+Inf" }],
      ["sum(test_empty)", { "{}": "NaN" }],
      ["count(test_none)", {}],
    ];
    for (const [query, values] of want) assert.deepEqual(await prometheus.query(query), values, query);
    const { activeTargets } = (await prometheus.get("targets")) as { activeTargets: { lastError: string }[] };
    assert.equal(activeTargets[0]?.lastError, "");
    const metadata = (await prometheus.get("metadata?metric=test_wait_seconds")) as Record<string, unknown[]>;
    const unit = type === "text/plain" ? "" : "seconds";
    assert.deepEqual(metadata["test_wait_seconds"], [
      { type: "histogram", help: 'A "help" with \\ and\na second line.', unit },
    ]);
    if (type === "text/plain") return;
    const found = (await prometheus.get(
      `query_exemplars?query=test_wait_seconds_bucket&start=${Date.now() / 1000 - 600}&end=${Date.now() / 1000 + 600}`,
    )) as { exemplars: { labels: unknown; value: string }[] }[];
    const exemplars = found.flatMap((series) => series.exemplars.map(({ labels, value }) => ({ labels, value })));
    const labels = { trace_id: TRACE };
    assert.deepEqual(
      exemplars.toSorted((a, b) => Number(a.value) - Number(b.value)),
      ["0.5", "0.75", "3"].map((value) => ({ labels, value })),
    );
  });
}

test("a real Prometheus reads native histograms, and all else beside them", { skip, timeout: 120_000 }, async () => {
  const registry = full();
  using _runtime = runtimeMetrics(registry);
  const vec = registry.exponentialHistogramVec("test_native_seconds", {
    help: "Native.",
    unit: "seconds",
    labels: ["q"],
  });
  const [some, negative] = ["some", "negative"].map((q) => vec.labels({ q }));
  vec.labels({ q: "none" });
  // Evenly by their order of magnitude, from 1 ms to 10 s: each quantile is known.
  for (let i = 0; i <= 10_000; i++) some!.observe(10 ** (i / 2500 - 3), i % 1000 === 0 ? TRACE : undefined);
  for (const value of [-2, -1, 0, 0, 1]) negative!.observe(value);
  const types: string[] = [];
  const router = new Router().get("/metrics", (_ctx, req) => {
    const { contentType, body } = exposition(registry, req.header("accept"));
    types.push(contentType);
    return new Reply(200, contentType, body);
  });
  await using up = await serve(router);
  await using prometheus = await startPrometheus(new URL(up.server.url).host, [
    "exemplar-storage",
    "native-histograms",
  ]);
  using ctx = withTimeout(background, 30_000);
  await eventually(ctx, "Prometheus has come by", async () => {
    const { activeTargets } = (await prometheus.get("targets")) as { activeTargets: { health: string }[] };
    return activeTargets[0]?.health === "up" && (await prometheus.query("up"))["{}"] === "1";
  });
  assert.ok(types[0]?.startsWith("application/vnd.google.protobuf;"), `${types[0]}`);
  const at = async (promql: string): Promise<number> => Number(Object.values(await prometheus.query(promql))[0]);
  assert.equal(await at('histogram_count(test_native_seconds{q="some"})'), 10_001);
  assert.ok(Math.abs((await at('histogram_sum(test_native_seconds{q="some"})')) - some!.sum) < 1e-6);
  for (const quantile of [0.1, 0.5, 0.9, 0.99]) {
    const want = 10 ** (4 * quantile - 3);
    const got = await at(`histogram_quantile(${quantile}, test_native_seconds{q="some"})`);
    // A bucket is 4.4 % or 9 % wide there.
    assert.ok(Math.abs(got / want - 1) < 0.09, `${quantile}: ${got}, not ${want}`);
  }
  assert.equal(await at('histogram_count(test_native_seconds{q="negative"})'), 5);
  assert.ok((await at('histogram_quantile(0.1, test_native_seconds{q="negative"})')) < -1);
  assert.ok(Math.abs(await at('histogram_quantile(0.5, test_native_seconds{q="negative"})')) < 1e-38);
  // What is not native is what it is in text.
  const want: [query: string, want: Record<string, string>][] = [
    ["sum(test_requests_total{route='/b'})", { "{}": "3" }],
    ["sum by (le) (test_wait_seconds_bucket <= 2)", { '{"le":"0.5"}': "2" }],
    ["sum(test_wait_seconds_bucket{le='+Inf'})", { "{}": "4" }],
    ["sum(test_wait_seconds_sum)", { "{}": "4.5" }],
    ["sum(test_temperature_celsius)", { "{}": "-1.5e-07" }],
    ["sum(test_limit_bytes)", { "{}": "+Inf" }],
    ["sum(test_empty)", { "{}": "NaN" }],
  ];
  for (const [query, values] of want) assert.deepEqual(await prometheus.query(query), values, query);
  assert.equal((await at("sum(nodejs_heap_size_used_bytes)")) > 1e6, true);
  const { activeTargets } = (await prometheus.get("targets")) as { activeTargets: { lastError: string }[] };
  assert.equal(activeTargets[0]?.lastError, "");
  const metadata = (await prometheus.get("metadata?metric=test_requests_total")) as Record<string, { type: string }[]>;
  assert.equal(metadata["test_requests_total"]?.[0]?.type, "counter");
});

test("promtool has nothing to say of the text", { skip, timeout: 60_000 }, () => {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: scrape(full()).body });
  assert.deepEqual([status, String(stdout), String(stderr)], [0, "", ""]);
});
