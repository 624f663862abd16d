import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { background, withTimeout } from "../context/index.ts";
import { Router, text } from "../http/index.ts";
import { serve } from "../http/node/testing/setup.ts";
import { eventually } from "../sql/testing/database.ts";
import { hasPrometheus, startPrometheus } from "../../../tools/prometheus.ts";
import { Registry } from "./registry.ts";
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

test("promtool has nothing to say of the text", { skip, timeout: 60_000 }, () => {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: scrape(full()).body });
  assert.deepEqual([status, String(stdout), String(stderr)], [0, "", ""]);
});
