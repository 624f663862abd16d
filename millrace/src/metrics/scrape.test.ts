import assert from "node:assert/strict";
import { test } from "node:test";
import { exposition } from "./exposition.ts";
import { Registry } from "./registry.ts";
import { scrape } from "./scrape.ts";

const OPEN = "application/openmetrics-text;version=1.0.0";
const TRACE = "0af7651916cd43dd8448eb211c80319c";

function full(): Registry {
  const registry = new Registry();
  const requests = registry.counterVec("requests_total", { help: 'Requests.\nBy \\ "route".', labels: ["route"] });
  requests.labels({ route: "/b" }).inc(2);
  requests.labels({ route: '/a"\\\n\ud800' }).inc();
  const wait = registry.histogram("wait_seconds", { help: "Wait.", unit: "seconds", buckets: [0.5, 1, 1e21] });
  wait.observe(0.25, TRACE);
  wait.observe(0.75);
  wait.observe(1e22);
  registry.gauge("a_ratio", { help: "A." }).set(NaN);
  registry.gauge("b_ratio", { help: "B." }).set(-Infinity);
  return registry;
}

test("the Prometheus text format, sorted", () => {
  const { contentType, body } = scrape(full());
  assert.equal(contentType, "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(
    body,
    `# HELP a_ratio A.
# TYPE a_ratio gauge
a_ratio NaN
# HELP b_ratio B.
# TYPE b_ratio gauge
b_ratio -Inf
# HELP requests_total Requests.\\nBy \\\\ "route".
# TYPE requests_total counter
requests_total{route="/a\\"\\\\\\n\ufffd"} 1
requests_total{route="/b"} 2
# HELP wait_seconds Wait.
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.5"} 1
wait_seconds_bucket{le="1"} 2
wait_seconds_bucket{le="1e+21"} 2
wait_seconds_bucket{le="+Inf"} 3
wait_seconds_sum 1e+22
wait_seconds_count 3
`,
  );
});

test("OpenMetrics, with units and exemplars", () => {
  const { contentType, body } = scrape(full(), OPEN);
  assert.equal(contentType, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  const lines = body.split("\n");
  assert.deepEqual(lines.slice(-2), ["# EOF", ""]);
  assert.ok(lines.includes("# UNIT wait_seconds seconds"));
  assert.ok(lines.includes("# TYPE requests counter"));
  assert.ok(lines.includes('# HELP requests Requests.\\nBy \\\\ \\"route\\".'));
  assert.ok(lines.includes('requests_total{route="/b"} 2'));
  assert.ok(lines.includes('wait_seconds_bucket{le="1.0"} 2'));
  const traced = lines.find((line) => line.startsWith('wait_seconds_bucket{le="0.5"}'));
  assert.match(traced!, new RegExp(`^\\S+ 1 # {trace_id="${TRACE}"} 0\\.25 \\d{10}\\.\\d{3}$`));
});

test("a counter's exemplar, and a trace id that is too long for one", () => {
  const registry = new Registry();
  const counter = registry.counter("a_total", { help: "A." });
  counter.inc(2, TRACE);
  assert.match(scrape(registry, OPEN).body, new RegExp(`\na_total 2 # {trace_id="${TRACE}"} 2 `));
  counter.inc(1, "a".repeat(129));
  assert.match(scrape(registry, OPEN).body, /\na_total 3\n/);
});

test("a function that throws costs its own value and no other", () => {
  const registry = new Registry();
  registry.gauge("a", { help: "A." }).readFrom(() => {
    throw new Error("no");
  });
  registry.gauge("b", { help: "B." }).set(1);
  assert.match(scrape(registry).body, /# TYPE a gauge\n# HELP b B\.\n# TYPE b gauge\nb 1\n$/);
  assert.match(scrape(registry).body, /metrics_read_failures_total{metric="a"} \d\n$/);
});

test("an exponential histogram has the powers of two of its range", () => {
  const registry = new Registry();
  const help = "H.";
  const sizes = registry.exponentialHistogram("sizes", { help, range: [1, 4] });
  for (const value of [-3, 0, 0.5, 1, 1.0001, 2, 3, 4, 4.1, 1e9, NaN, Infinity, -Infinity]) sizes.observe(value);
  sizes.observe(3.5, TRACE);
  const lines = scrape(registry, OPEN).body.split("\n");
  assert.deepEqual(lines.slice(2, 4), ['sizes_bucket{le="1.0"} 4', 'sizes_bucket{le="2.0"} 6']);
  assert.match(lines[4]!, new RegExp(`^sizes_bucket{le="4.0"} 9 # {trace_id="${TRACE}"} 3.5 `));
  assert.deepEqual(lines.slice(5), [
    'sizes_bucket{le="+Inf"} 11',
    `sizes_sum ${sizes.sum}`,
    "sizes_count 11",
    "# EOF",
    "",
  ]);
  registry.exponentialHistogram("wait_seconds", { help, unit: "seconds" });
  const bounds = scrape(registry).body.match(/(?<=^wait_seconds_bucket{le=")[^"]+/gm);
  assert.deepEqual([bounds?.length, bounds?.[0], bounds?.at(-2)], [16, "0.0009765625", "16"]);
});

test("what Accept likes best", async (t) => {
  const cases: { accept: string | undefined; open: boolean }[] = [
    { accept: undefined, open: false },
    { accept: "", open: false },
    { accept: "*/*", open: false },
    { accept: "text/html,application/xhtml+xml,*/*;q=0.8", open: false },
    { accept: "text/plain;version=0.0.4", open: false },
    { accept: OPEN, open: true },
    { accept: "application/openmetrics-text", open: true },
    { accept: "application/openmetrics-text; version=0.0.1", open: false },
    { accept: `${OPEN};q=0`, open: false },
    { accept: `${OPEN};q=0.5,text/plain;q=0.9`, open: false },
    // What Prometheus 2.42 sends, and what 3 does.
    {
      accept: `${OPEN},application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
      open: true,
    },
    {
      accept: `${OPEN};escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1`,
      open: true,
    },
  ];
  for (const { accept, open } of cases) {
    await t.test(String(accept), () => {
      assert.equal(scrape(new Registry(), accept).contentType.includes("openmetrics"), open);
      assert.equal(exposition(new Registry(), accept).contentType.includes("openmetrics"), open);
    });
  }
  const proto = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
  const native: { accept: string; protobuf: boolean }[] = [
    { accept: proto, protobuf: true },
    // What Prometheus 2.42 sends when it is to take native histograms, and what 3 does.
    { accept: `${proto},${OPEN};q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`, protobuf: true },
    { accept: `${proto};q=0.6,${OPEN};q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1`, protobuf: true },
    { accept: `${proto};q=0.5,${OPEN};q=0.6`, protobuf: false },
    { accept: `${proto};q=0.5,text/plain`, protobuf: false },
    { accept: `${proto};q=0`, protobuf: false },
    { accept: "application/vnd.google.protobuf", protobuf: false },
    { accept: proto.replace("delimited", "text"), protobuf: false },
  ];
  for (const { accept, protobuf } of native) {
    await t.test(accept, () => {
      assert.equal(exposition(new Registry(), accept).contentType.includes("protobuf"), protobuf);
      assert.equal(scrape(new Registry(), accept).contentType.includes("protobuf"), false);
    });
  }
});
