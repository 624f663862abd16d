import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { background, withCancel, withTimeout } from "../../context/index.ts";
import { json, text } from "../../http/index.ts";
import { newTracer, span, startSpan, withTracer } from "../index.ts";
import { type OtlpOptions, openOtlp } from "./index.ts";
import { type Collector, collector } from "../../otlp/testing/collector.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const REMOTE = { traceId: ID, spanId: "b7ad6b7169203331", parentId: "", flags: "01", state: "a=1" };

function setup(up: Pick<Collector, "url">, options: Partial<OtlpOptions> = {}) {
  const told: unknown[] = [];
  const log = { warn: (_ctx: unknown, message: string, attrs: unknown) => void told.push([message, attrs]) };
  const exporter = openOtlp(background, { service: "shop", url: up.url, log, ...options });
  const ctx = withTracer(background, newTracer({ exporter, sampler: () => true }));
  const many = (n: number): void => {
    for (let i = 0; i < n; i++) startSpan(ctx, `s${i}`).end();
  };
  return { exporter, ctx, many, told };
}

test("every field is as the published mapping has it", async () => {
  await using up = await collector();
  const { exporter, ctx } = setup(up, { resource: { "service.version": "1" }, headers: { "x-api-key": "k" } });
  const before = Date.now();
  await assert.rejects(
    span(
      ctx,
      "outer \ud800",
      async (ctx) => {
        using inner = startSpan(ctx, "inner", { kind: "client", links: [REMOTE] });
        inner
          .set("text", "ä")
          .set("broken", "\udfff")
          .set("int", -7)
          .set("double", 1.5)
          .set("big", 2 ** 60)
          .set("nan", NaN);
        inner.set("bool", false).set("list", ["a", "b"]).set("ints", [1, 2]).event("e", { n: 1 }).mark("ok");
        throw new TypeError("no");
      },
      { kind: "server" },
    ),
  );
  await exporter[Symbol.asyncDispose]();
  assert.deepEqual(up.problems, []);
  assert.partialDeepStrictEqual(up.headers, { "content-type": "application/json", "x-api-key": "k" });
  assert.partialDeepStrictEqual(up.resources, [
    [
      { key: "service.name", value: { stringValue: "shop" } },
      { key: "telemetry.sdk.name", value: { stringValue: "millrace" } },
      { key: "telemetry.sdk.language", value: { stringValue: "nodejs" } },
      { key: "service.version", value: { stringValue: "1" } },
    ],
  ]);
  const [inner, outer] = up.spans;
  assert.ok(inner !== undefined && outer !== undefined && up.spans.length === 2);
  assert.deepEqual([inner.parentSpanId, inner.traceId], [outer.spanId, outer.traceId]);
  assert.deepEqual([outer.name, outer.kind, outer.parentSpanId, outer.flags], ["outer \ufffd", 2, undefined, 0x101]);
  assert.deepEqual([inner.name, inner.kind, inner.status], ["inner", 3, { code: 1 }]);
  assert.deepEqual(outer.status, { code: 2, message: "no" });
  const double = (n: unknown) => ({ doubleValue: n });
  assert.deepEqual(inner.attributes, [
    { key: "text", value: { stringValue: "ä" } },
    { key: "broken", value: { stringValue: "\ufffd" } },
    { key: "int", value: { intValue: "-7" } },
    { key: "double", value: double(1.5) },
    { key: "big", value: double(2 ** 60) },
    { key: "nan", value: double("NaN") },
    { key: "bool", value: { boolValue: false } },
    { key: "list", value: { arrayValue: { values: [{ stringValue: "a" }, { stringValue: "b" }] } } },
    { key: "ints", value: { arrayValue: { values: [{ intValue: "1" }, { intValue: "2" }] } } },
  ]);
  assert.partialDeepStrictEqual(inner.links, [{ traceId: ID, spanId: REMOTE.spanId, traceState: "a=1", flags: 1 }]);
  assert.equal(inner.events[0]?.attributes[0]?.key, "n");
  assert.equal(outer.events[0]?.name, "exception");
  for (const one of up.spans) {
    const [start, end] = [BigInt(one.startTimeUnixNano), BigInt(one.endTimeUnixNano)];
    assert.ok(start <= end && start >= BigInt(before - 60) * 1_000_000n && end <= BigInt(Date.now() + 60) * 1_000_000n);
  }
  assert.deepEqual(exporter.stats(), { queued: 0, exported: 2, dropped: 0 });
});

test("batches go when they are full, when they are old, and when somebody asks", async () => {
  await using up = await collector();
  const { exporter, many } = setup(up, { batchSize: 10, delayMs: 600_000 });
  many(25);
  using ctx = withTimeout(background, 20_000);
  await exporter.flush(ctx);
  assert.deepEqual([up.asked, up.spans.length], [3, 25]);
  many(3);
  assert.equal(exporter.stats().queued, 3);
  await exporter.flush(ctx);
  await exporter.flush(ctx);
  assert.deepEqual([up.asked, up.spans.length], [4, 28]);
  await exporter[Symbol.asyncDispose]();

  const impatient = setup(up, { delayMs: 1 });
  impatient.many(1);
  for (const end = performance.now() + 10_000; up.spans.length < 29 && performance.now() < end;)
    await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(up.spans.length, 29);
  await impatient.exporter[Symbol.asyncDispose]();
});

test("a full queue drops, counts, and tells of it once", async () => {
  const gate = Promise.withResolvers<undefined>();
  await using up = await collector(() => gate.promise as Promise<never>);
  const { exporter, many, told } = setup(up, { maxQueue: 5, batchSize: 5 });
  many(12);
  assert.deepEqual(exporter.stats(), { queued: 5, exported: 0, dropped: 7 });
  assert.equal(told.length, 1);
  gate.resolve(undefined);
  await exporter[Symbol.asyncDispose]();
  many(1);
  assert.deepEqual(exporter.stats(), { queued: 0, exported: 5, dropped: 8 });
});

for (const status of [429, 503]) {
  test(`a ${status} is tried again, not before Retry-After`, async () => {
    const at: number[] = [];
    await using up = await collector((asked) => {
      at.push(performance.now());
      return asked === 1 ? text("later", { status }).header("retry-after", "1") : undefined;
    });
    const { exporter, many } = setup(up);
    many(3);
    await exporter[Symbol.asyncDispose]();
    assert.equal(up.spans.length, 3);
    assert.ok(at[1]! - at[0]! >= 995, `${at[1]! - at[0]!} ms`);
    assert.deepEqual(exporter.stats(), { queued: 0, exported: 3, dropped: 0 });
  });
}

const losses = [
  { name: "a 400 is not tried again", answer: () => text("no", { status: 400 }), asked: 1, dropped: 3 },
  {
    name: "a 503 that stays is tried as often as was said",
    answer: () => text("no", { status: 503 }),
    asked: 2,
    dropped: 3,
  },
  {
    name: "what the collector rejects is counted",
    answer: () => json({ partialSuccess: { rejectedSpans: "2", errorMessage: "old" } }),
    asked: 1,
    dropped: 2,
  },
  { name: "an answer that is none counts as success", answer: () => text("ok"), asked: 1, dropped: 0 },
  { name: "an endless answer as well", answer: () => text("x".repeat(1_000_000)), asked: 1, dropped: 0 },
];
for (const { name, answer, asked, dropped } of losses) {
  test(name, async () => {
    await using up = await collector(answer);
    const { exporter, many, told } = setup(up, { attempts: 2, closeTimeoutMs: 30_000 });
    many(3);
    await exporter[Symbol.asyncDispose]();
    assert.equal(up.asked, asked);
    assert.deepEqual(exporter.stats(), { queued: 0, exported: 3 - dropped, dropped });
    assert.equal(told.length, dropped > 0 ? 1 : 0);
  });
}

test("the end waits no longer than it may, and what is left is counted", async () => {
  const silent = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as { port: number };
  const { exporter, many } = setup({ url: `http://127.0.0.1:${port}/` }, { closeTimeoutMs: 50, batchSize: 10 });
  many(30);
  const since = performance.now();
  await Promise.all([exporter[Symbol.asyncDispose](), exporter[Symbol.asyncDispose]()]);
  assert.ok(performance.now() - since < 8000, "not the attempt's 10 s");
  assert.deepEqual(exporter.stats(), { queued: 0, exported: 0, dropped: 30 });
  silent.close();
});

test("who waits for a flush can leave, and the context that it was opened with may end", async () => {
  const gate = Promise.withResolvers<undefined>();
  await using up = await collector(() => gate.promise as Promise<never>);
  using owner = withCancel(background);
  const exporter = openOtlp(owner, { service: "shop", url: up.url });
  startSpan(withTracer(background, newTracer({ exporter, sampler: () => true })), "x").end();
  owner.cancel();
  using ctx = withTimeout(background, 1);
  await assert.rejects(exporter.flush(ctx), { code: "deadline_exceeded" });
  gate.resolve(undefined);
  await exporter[Symbol.asyncDispose]();
  assert.equal(up.spans.length, 1);
});

test("bad options are refused", () => {
  for (const options of [{ url: "x" }, { maxQueue: 0 }, { batchSize: 1.5 }, { delayMs: -1 }])
    assert.throws(() => openOtlp(background, { service: "s", ...options }), /otlp/);
});
