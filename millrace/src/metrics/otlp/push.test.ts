import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { type Ctx, background, withCancel, withTimeout } from "../../context/index.ts";
import { json, text } from "../../http/index.ts";
import { type Collector, collector } from "../../otlp/testing/collector.ts";
import type { SentMetric } from "../../otlp/testing/metrics-schema.ts";
import { eventually } from "../../sql/testing/database.ts";
import { Registry, runtimeMetrics } from "../index.ts";
import { type PushOptions, openPush } from "./index.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const help = "What it is.";

function setup(up: Pick<Collector, "metricsUrl">, options: Partial<PushOptions> = {}) {
  const told: unknown[] = [];
  const log = { warn: (_ctx: Ctx, message: string, attrs: unknown) => void told.push([message, attrs]) };
  const registry = new Registry();
  const all = { service: "shop", url: up.metricsUrl, log, intervalMs: 600_000, closeTimeoutMs: 30_000, ...options };
  return { registry, push: openPush(background, registry, all), told };
}

function metricOf(up: Collector, name: string): SentMetric {
  return up.pushes.at(-1)?.find((metric) => metric.name === name) ?? assert.fail(`${name} was not sent`);
}

test("every field is as the published mapping has it", async () => {
  await using up = await collector();
  const { registry, push } = setup(up, {
    resource: { "service.version": "1" },
    headers: { "x-api-key": "k" },
    compression: "gzip",
  });
  using _runtime = runtimeMetrics(registry);
  const requests = registry.counterVec("requests_total", { help: "Requests \ud800.", labels: ["route"] });
  requests.labels({ route: "/a\udfff" }).inc(3, ID);
  requests.labels({ route: "" }).inc(1, "no trace of W3C");
  const wait = registry.histogram("wait_seconds", { help, unit: "seconds", buckets: [0.5, 1] });
  for (const value of [0.25, 0.5, 0.75, 3]) wait.observe(value, ID);
  const sizes = registry.exponentialHistogram("sizes_bytes", { help, unit: "bytes" });
  for (const value of [0, 1, 1.5, 4, -8]) sizes.observe(value, ID);
  registry.exponentialHistogram("sizes_none", { help });
  registry.gauge("empty", { help }).set(NaN);
  registry.gauge("limit_bytes", { help, unit: "bytes" }).set(-Infinity);
  registry.gauge("broken", { help }).readFrom(() => {
    throw new Error("no");
  });
  registry.gaugeVec("none", { help, labels: ["a"] });
  const before = Date.now();
  await push.flush(background);
  assert.deepEqual(up.problems, []);
  assert.partialDeepStrictEqual(up.headers, {
    "content-type": "application/json",
    "content-encoding": "gzip",
    "x-api-key": "k",
  });
  assert.deepEqual(up.resources, [
    [
      { key: "service.name", value: { stringValue: "shop" } },
      { key: "telemetry.sdk.name", value: { stringValue: "millrace" } },
      { key: "telemetry.sdk.language", value: { stringValue: "nodejs" } },
      { key: "service.version", value: { stringValue: "1" } },
    ],
  ]);
  const names = up.pushes[0]!.map(({ name }) => name);
  assert.ok(names.includes("process_cpu_seconds_total"));
  assert.ok(!names.includes("none") && !names.includes("broken"));

  const sent = metricOf(up, "requests_total");
  assert.equal(sent.description, "Requests \ufffd.");
  const route = (stringValue: string) => [{ key: "route", value: { stringValue } }];
  assert.partialDeepStrictEqual(sent.sum?.dataPoints, [
    { attributes: route(""), asDouble: 1, exemplars: [] },
    { attributes: route("/a\ufffd"), asDouble: 3, exemplars: [{ asDouble: 3, traceId: ID }] },
  ]);
  const histogram = metricOf(up, "wait_seconds");
  assert.equal(histogram.unit, "s");
  assert.partialDeepStrictEqual(histogram.histogram?.dataPoints, [
    { attributes: [], count: "4", sum: 4.5, bucketCounts: ["2", "1", "1"], explicitBounds: [0.5, 1] },
  ]);
  assert.deepEqual(
    histogram.histogram?.dataPoints[0]?.exemplars.map(({ asDouble, traceId }) => [asDouble, traceId]),
    [0.5, 0.75, 3].map((value) => [value, ID]),
  );
  assert.partialDeepStrictEqual(metricOf(up, "sizes_bytes").exponentialHistogram?.dataPoints, [
    // From 1, which ends a bucket, to 4 there are two powers, so 80 buckets for each would do: 64 do.
    { count: "5", sum: -1.5, scale: 6, zeroCount: "1", zeroThreshold: 2 ** -128 },
  ]);
  const [point] = metricOf(up, "sizes_bytes").exponentialHistogram?.dataPoints ?? [];
  assert.deepEqual(point?.["negative"], { offset: 3 * 64 - 1, bucketCounts: ["1"] });
  const positive = point?.["positive"] as { offset: number; bucketCounts: string[] };
  assert.deepEqual([positive.offset, positive.bucketCounts.length], [-1, 129]);
  assert.deepEqual([positive.bucketCounts[0], positive.bucketCounts[128]], ["1", "1"]);
  assert.equal(positive.bucketCounts[Math.ceil(Math.log2(1.5) * 64)], "1");
  assert.equal(point?.exemplars.length, 4, "1 and 1.5 lie in one power of two");
  assert.partialDeepStrictEqual(metricOf(up, "sizes_none").exponentialHistogram?.dataPoints, [
    { count: "0", positive: { offset: 0, bucketCounts: [] } },
  ]);
  assert.equal(metricOf(up, "empty").gauge?.dataPoints[0]?.["asDouble"], "NaN");
  const limit = metricOf(up, "limit_bytes");
  assert.deepEqual([limit.unit, limit.gauge?.dataPoints[0]?.["asDouble"]], ["By", "-Infinity"]);
  const { startTimeUnixNano, timeUnixNano } = sent.sum!.dataPoints[0]!;
  assert.ok(BigInt(timeUnixNano) >= BigInt(before) * 1_000_000n && BigInt(startTimeUnixNano) < BigInt(timeUnixNano));

  requests.labels({ route: "" }).inc();
  await push[Symbol.asyncDispose]();
  assert.deepEqual([up.problems, push.stats()], [[], { pushed: 2, failed: 0 }]);
  assert.equal(metricOf(up, "requests_total").sum?.dataPoints[0]?.["asDouble"], 2, "the end is told of");
  assert.equal(metricOf(up, "metrics_read_failures_total").sum?.dataPoints.length, 1);
  assert.equal(metricOf(up, "requests_total").sum?.dataPoints[0]?.startTimeUnixNano, startTimeUnixNano);
});

test("more points than a request takes go in several", async () => {
  await using up = await collector();
  const { registry, push } = setup(up, { compression: "none" });
  for (const name of ["a", "b", "c"]) {
    const vec = registry.gaugeVec(name, { help, labels: ["n"], maxSeries: 4000 });
    for (let n = 0; n < 4000; n++) vec.labels({ n: String(n) }).set(n);
  }
  await push[Symbol.asyncDispose]();
  assert.deepEqual(up.problems, []);
  assert.equal(up.headers["content-encoding"], undefined);
  const counts = up.pushes.map((metrics) => metrics.map(({ name, gauge }) => `${name} ${gauge?.dataPoints.length}`));
  assert.deepEqual(counts, [["a 4000", "b 1000"], ["b 3000", "c 2000"], ["c 2000"]]);
});

test("it pushes at each interval, and who asks meanwhile shares the next one", async () => {
  const gate = Promise.withResolvers<undefined>();
  await using up = await collector((asked) => (asked === 1 ? (gate.promise as Promise<never>) : undefined));
  const { registry, push } = setup(up);
  registry.gauge("a", { help }).set(1);
  const first = push.flush(background);
  using ctx = withTimeout(background, 30_000);
  await eventually(ctx, "the first is sent", () => up.asked === 1);
  const later = Array.from({ length: 20 }, () => push.flush(background));
  using impatient = withTimeout(background, 1);
  await assert.rejects(push.flush(impatient), { code: "deadline_exceeded" });
  gate.resolve(undefined);
  await Promise.all([first, ...later]);
  assert.equal(up.asked, 2);
  await push[Symbol.asyncDispose]();
  await push.flush(background);
  assert.equal(up.asked, 3);

  const quick = setup(up, { intervalMs: 5, closeTimeoutMs: 30_000 });
  quick.registry.gauge("a", { help });
  await eventually(ctx, "three intervals", () => quick.push.stats().pushed >= 3);
  await quick.push[Symbol.asyncDispose]();
});

test("the context that it was opened with may end", async () => {
  await using up = await collector();
  using owner = withCancel(background);
  const registry = new Registry();
  registry.gauge("a", { help });
  const push = openPush(owner, registry, { url: up.metricsUrl });
  owner.cancel();
  await push[Symbol.asyncDispose]();
  assert.equal(up.pushes.length, 1);
});

test("a 503 is tried again, not before Retry-After", async () => {
  const at: number[] = [];
  await using up = await collector((asked) => {
    at.push(performance.now());
    return asked === 1 ? text("later", { status: 503 }).header("retry-after", "1") : undefined;
  });
  const { registry, push } = setup(up);
  registry.gauge("a", { help });
  await push[Symbol.asyncDispose]();
  assert.ok(at[1]! - at[0]! >= 995, `${at[1]! - at[0]!} ms`);
  assert.deepEqual([up.pushes.length, push.stats()], [1, { pushed: 1, failed: 0 }]);
});

const failures = [
  { name: "a 400 is not tried again", answer: () => text("no", { status: 400 }), asked: 1, failed: 1 },
  { name: "a 503 that stays", answer: () => text("no", { status: 503 }), asked: 2, failed: 1 },
  {
    name: "what the collector rejects",
    answer: () => json({ partialSuccess: { rejectedDataPoints: "2", errorMessage: "old" } }),
    asked: 1,
    failed: 1,
  },
  { name: "an answer that is none", answer: () => text("ok"), asked: 1, failed: 0 },
];
for (const { name, answer, asked, failed } of failures) {
  test(`${name} is counted, and told of once a minute`, async () => {
    await using up = await collector(answer);
    const { registry, push, told } = setup(up, { attempts: 2 });
    registry.gauge("a", { help });
    await push.flush(background);
    assert.equal(up.asked, asked);
    await push.flush(background);
    assert.deepEqual(push.stats(), { pushed: 2 - 2 * failed, failed: 2 * failed });
    assert.equal(told.length, failed);
    await push[Symbol.asyncDispose]();
  });
}

const broken = [
  { name: "hangs", attempts: 5, take: () => undefined },
  { name: "resets", attempts: 1, take: (socket: { resetAndDestroy(): unknown }) => void socket.resetAndDestroy() },
];
for (const { name, attempts, take } of broken) {
  test(`with a collector that ${name} the end comes when it should`, async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined).once("data", () => take(socket));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const up = { metricsUrl: `http://127.0.0.1:${port}/v1/metrics` };
    const { registry, push, told } = setup(up, { closeTimeoutMs: 200, attempts });
    registry.gauge("a", { help });
    const since = performance.now();
    await Promise.all([push[Symbol.asyncDispose](), push[Symbol.asyncDispose]()]);
    assert.ok(performance.now() - since < 8000, "not the attempt's 10 s");
    assert.deepEqual([push.stats(), told.length], [{ pushed: 0, failed: 1 }, 1]);
    server.close();
  });
}

test("bad options are refused", () => {
  for (const options of [{ url: "x" }, { intervalMs: 0 }, { attempts: 1.5 }, { closeTimeoutMs: -1 }])
    assert.throws(() => openPush(background, new Registry(), options), /otlp/);
});
