import assert from "node:assert/strict";
import { openSync } from "node:fs";
import { test } from "node:test";
import { trace } from "@opentelemetry/api";
import { type Ctx, background } from "millrace/context";
import { type Handler, Router, json } from "millrace/http";
import { newClient } from "millrace/http/client";
import { listen } from "millrace/http/node";
import { standard } from "millrace/middleware";
import {
  type EndedSpan,
  type SpanAttrs,
  baggage,
  newTracer,
  parentBased,
  ratio,
  span,
  startSpan,
  withBaggage,
  withTracer,
} from "millrace/trace";
import { clientTracing } from "millrace/trace/http";
import { registerOtel } from "millrace/trace/otel";
import { openOtlp } from "millrace/trace/otlp";

const accessLog = { fd: openSync("/dev/null", "a") };

// A server for an example.
async function serve(handler: Router | Handler): Promise<{ url: string } & AsyncDisposable> {
  return await listen(background, { addr: "127.0.0.1:0", handler, idleGraceMs: 1, log: { error: () => undefined } });
}

async function readItems(_ctx: Ctx, order: string): Promise<number[]> {
  return order === "7" ? [1, 2] : [];
}

async function itemsOf(ctx: Ctx, order: string): Promise<number[]> {
  using reading = startSpan(ctx, "read items");
  const items = await readItems(reading.ctx, order);
  reading.set("items", items.length);
  return items;
}

async function price(ctx: Ctx, order: string): Promise<number> {
  return await span(ctx, "price order", async (ctx, span) => {
    span.set("order.id", order);
    const lines = await itemsOf(ctx, order);
    span.event("read", { lines: lines.length });
    return lines.reduce((sum, line) => sum + line, 0);
  });
}

test("a service that is traced", async () => {
  const names: string[] = [];
  await using collector = await serve(async (_ctx, req) => {
    // What openOtlp sends is checked field by field where it is made.
    const body = (await req.json()) as {
      resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[];
    };
    for (const { scopeSpans } of body.resourceSpans)
      names.push(...scopeSpans.flatMap((s) => s.spans.map((x) => x.name)));
    return json({});
  });
  let told: string | undefined;
  await using upstream = await serve((_ctx, req) => {
    told = req.header("traceparent");
    return json(3);
  });
  {
    await using exporter = openOtlp(background, { service: "shop", url: collector.url });
    const tracer = newTracer({ exporter, sampler: parentBased(ratio(0.1)) });
    await using billing = newClient({ baseUrl: upstream.url, hooks: clientTracing() });
    const router = new Router().use(...standard({ tracing: { tracer }, accessLog }));
    router.get("/orders/:id", async (ctx, req) => {
      await billing.get(ctx, "/invoices");
      return json(await price(ctx, req.params.id));
    });
    await using server = await serve(router);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert.equal(await (await fetch(`${server.url}/orders/7`, { headers: { traceparent } })).json(), 3);
  }
  assert.deepEqual(names.toSorted(), ["GET", "GET /orders/:id", "price order", "read items"]);
  assert.match(told ?? "", /^00-0af7651916cd43dd8448eb211c80319c-.*-01$/);
});

test("spans in a test, of libraries too", async () => {
  const spans: EndedSpan[] = [];
  const tracer = newTracer({ sampler: () => true, exporter: { export: (span) => void spans.push(span) } });
  const ctx = withTracer(background, tracer);
  using _ = registerOtel(tracer);
  assert.equal(await price(ctx, "7"), 3);
  await span(ctx, "ours", async () => trace.getTracer("library").startSpan("theirs").end());
  const attrs = spans.map((one): [string, SpanAttrs] => [one.name, one.attrs]);
  assert.deepEqual(attrs, [
    ["read items", { items: 2 }],
    ["price order", { "order.id": "7" }],
    ["theirs", { "otel.scope.name": "library" }],
    ["ours", {}],
  ]);
  assert.equal(spans[2]?.parentId, spans[3]?.spanId);
});

test("baggage goes along", () => {
  const ctx = background;
  const inside = withBaggage(ctx, { tenant: "acme" });
  assert.equal(inside.get(baggage).get("tenant")?.value, "acme");
});
