import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf } from "../errors/index.ts";
import { exponentialBuckets } from "./buckets.ts";
import { Registry } from "./registry.ts";

const help = "What it is.";

test("counters count, gauges go up and down, histograms sort into buckets", () => {
  const registry = new Registry();
  const counter = registry.counter("a_total", { help });
  counter.inc();
  counter.inc(2.5);
  assert.equal(counter.value, 3.5);
  for (const by of [-1, NaN]) assert.throws(() => counter.inc(by), RangeError);
  assert.equal(counter.value, 3.5);

  const gauge = registry.gauge("b", { help });
  gauge.set(5);
  gauge.inc(2);
  gauge.dec();
  assert.equal(gauge.value, 6);
  let length = 3;
  const read = registry.gauge("c", { help }).readFrom(() => length);
  assert.equal(read.value, 3);
  length = 4;
  assert.equal(read.value, 4);

  const histogram = registry.histogram("d_seconds", { help, unit: "seconds", buckets: [1, 2] });
  for (const value of [0.5, 1, 1.5, 2, 2.5, -1, Infinity, NaN]) histogram.observe(value);
  const counts = histogram.buckets().map(({ bound, count }) => [bound, count]);
  assert.deepEqual(counts, [
    [1, 3],
    [2, 2],
    [Infinity, 2],
  ]);
  assert.equal(histogram.count, 7, "NaN is none");
});

test("a set of values has one series, whatever the order they are given in", () => {
  const requests = new Registry().counterVec("requests_total", { help, labels: ["method", "route"] });
  const one = requests.labels({ method: "GET", route: "/" });
  assert.equal(requests.labels({ route: "/", method: "GET" }), one);
  assert.notEqual(requests.labels({ method: "GET", route: "" }), one);
  // What joined keys would mix up.
  const mixed = [
    { method: "a,b", route: "c" },
    { method: "a", route: "b,c" },
    { method: "a\u0000b", route: "c" },
    { method: "a", route: "b\u0000c" },
  ];
  assert.equal(new Set(mixed.map((values) => requests.labels(values))).size, 4);
  // @ts-expect-error a label is missing
  assert.throws(() => requests.labels({ method: "GET" }), /label route: no string/);
  // @ts-expect-error there is no such label
  requests.labels({ method: "GET", route: "/", path: "/" });
});

test("more series than there may be share one, and are counted", () => {
  const registry = new Registry();
  const requests = registry.counterVec("requests_total", { help, labels: ["method", "route"], maxSeries: 3 });
  const kept = ["/a", "/b", "/c"].map((route) => requests.labels({ method: "GET", route }));
  const family = registry.families().find(({ name }) => name === "requests")!;
  for (let i = 0; i < 1000; i++) requests.labels({ method: "GET", route: `/${i}` }).inc();
  assert.equal(family.size, 4);
  assert.equal(requests.labels({ method: "other", route: "other" }).value, 1000);
  assert.equal(requests.labels({ method: "GET", route: "/b" }), kept[1], "those that were there stay");
  const overflows = registry.families().find(({ name }) => name === "metrics_label_overflows")!;
  assert.deepEqual(
    overflows.series().map(({ text, metric }) => [text, "value" in metric && metric.value]),
    [['metric="requests"', 1000]],
  );
});

test("the name other may be taken", () => {
  const registry = new Registry();
  const vec = registry.counterVec("requests_total", { help, labels: ["route"], maxSeries: 1 });
  const other = vec.labels({ route: "other" });
  assert.equal(vec.labels({ route: "/" }), other);
  assert.equal(registry.families().find(({ name }) => name === "requests")!.size, 1);
});

test("what cannot be is refused when it is registered", async (t) => {
  const vec = (labels: readonly string[]) => (r: Registry) => r.gaugeVec("a", { help, labels });
  const cases: { name: string; register: (r: Registry) => unknown; code?: string }[] = [
    { name: "no name", register: (r) => r.gauge("", { help }) },
    { name: "a digit first", register: (r) => r.gauge("1a", { help }) },
    { name: "a character", register: (r) => r.gauge("a-b", { help }) },
    { name: "a colon", register: (r) => r.gauge("a:b", { help }) },
    { name: "a line", register: (r) => r.gauge("a\n", { help }) },
    { name: "a counter without _total", register: (r) => r.counter("a", { help }) },
    { name: "_total alone", register: (r) => r.counter("_total", { help }) },
    { name: "a gauge with _total", register: (r) => r.gauge("a_total", { help }) },
    { name: "what a histogram would write", register: (r) => r.gauge("a_bucket", { help }) },
    { name: "another unit", register: (r) => r.gauge("a_ms", { help, unit: "seconds" }) },
    { name: "a counter's unit", register: (r) => r.counter("a_total", { help, unit: "bytes" }) },
    { name: "no help", register: (r) => r.gauge("a", { help: " " }) },
    { name: "no labels", register: vec([]) },
    { name: "a label's character", register: vec(["a.b"]) },
    { name: "a label of Prometheus'", register: vec(["__name__"]) },
    { name: "a label twice", register: vec(["a", "a"]) },
    { name: "le", register: (r) => r.histogramVec("a", { help, labels: ["le"] }) },
    { name: "maxSeries", register: (r) => r.gaugeVec("a", { help, labels: ["a"], maxSeries: 0 }) },
    { name: "no buckets", register: (r) => r.histogram("a", { help, buckets: [] }) },
    { name: "buckets that fall", register: (r) => r.histogram("a", { help, buckets: [2, 1] }) },
    { name: "infinity, which is there anyway", register: (r) => r.histogram("a", { help, buckets: [1, Infinity] }) },
    { name: "buckets that do not grow", register: () => exponentialBuckets(1, 1, 3) },
    { name: "a range from 0", register: (r) => r.exponentialHistogram("a", { help, range: [0, 1] }) },
    { name: "a range backwards", register: (r) => r.exponentialHistogram("a", { help, range: [2, 1] }) },
    { name: "a range too wide", register: (r) => r.exponentialHistogram("a", { help, range: [1, 2 ** 100] }) },
    { name: "a range without end", register: (r) => r.exponentialHistogram("a", { help, range: [1, Infinity] }) },
    { name: "twice", register: (r) => [r.gauge("a", { help }), r.gauge("a", { help })], code: "already_exists" },
    {
      name: "a counter's family",
      register: (r) => [r.gauge("a", { help }), r.counter("a_total", { help })],
      code: "already_exists",
    },
  ];
  for (const { name, register, code = "invalid_argument" } of cases) {
    await t.test(name, () => {
      assert.throws(
        () => register(new Registry()),
        (err) => codeOf(err) === code,
      );
    });
  }
});

test("units and buckets that are right", () => {
  const registry = new Registry();
  registry.counter("sent_bytes_total", { help, unit: "bytes" });
  registry.histogram("wait_seconds", { help, unit: "seconds", buckets: exponentialBuckets(0.001, 2, 4) });
  assert.deepEqual(exponentialBuckets(0.001, 2, 4), [0.001, 0.002, 0.004, 0.008]);
  assert.deepEqual(
    registry.families().map(({ name }) => name),
    ["sent_bytes", "wait_seconds"],
  );
});
