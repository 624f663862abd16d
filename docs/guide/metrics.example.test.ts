import assert from "node:assert/strict";
import { openSync } from "node:fs";
import { test } from "node:test";
import { openCache } from "millrace/cache";
import { background } from "millrace/context";
import { Reply, Router, json, text } from "millrace/http";
import { newLog } from "millrace/log";
import { Registry, exposition, runtimeMetrics, scrape } from "millrace/metrics";
import { watchCache } from "millrace/metrics/cache";
import { countLines } from "millrace/metrics/log";
import { openPush } from "millrace/metrics/otlp";
import { PoolMetrics } from "millrace/metrics/sql";
import * as middleware from "millrace/middleware";
import { openPool } from "millrace/sql";
import { postgres } from "millrace/sql/postgres";
import { serve } from "millrace/test/http";

// The access log of a test is nobody's.
const standard = (deps: middleware.StandardDeps) =>
  middleware.standard({ accessLog: { fd: openSync("/dev/null", "a") }, ...deps });

test("requests, the process and an own counter are scraped", async () => {
  const registry = new Registry();
  using _runtime = runtimeMetrics(registry);
  const router = new Router().use(...standard({ metrics: registry }));

  const orders = registry.counterVec("shop_orders_total", { help: "Orders by result.", labels: ["result"] });
  const placed = orders.labels({ result: "placed" });
  const refused = orders.labels({ result: "refused" });
  const queue: string[] = [];
  registry.gauge("shop_queue_length", { help: "Orders that wait." }).readFrom(() => queue.length);
  const packing = registry.histogram("shop_packing_seconds", { help: "Time to pack an order.", unit: "seconds" });

  router.post("/orders/:id", (_ctx, req) => {
    queue.push(req.params.id);
    placed.inc();
    packing.observe(0.2);
    return text("placed");
  });
  const scraped = new Router().get("/metrics", (_ctx, req) => {
    const { contentType, body } = exposition(registry, req.header("accept"));
    return new Reply(200, contentType, body);
  });

  {
    await using shop = await serve(background, router);
    await (await shop.fetch("/orders/1", { method: "POST" })).text();
  }
  await using inside = await serve(background, scraped);
  const res = await inside.fetch("/metrics");
  assert.equal(res.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const lines = (await res.text()).split("\n");
  const request =
    'http_server_request_duration_seconds_count{http_route="/orders/:id",http_request_method="POST",http_response_status_code="200"} 1';
  for (const want of [
    'shop_orders_total{result="placed"} 1',
    'shop_orders_total{result="refused"} 0',
    "shop_queue_length 1",
    'shop_packing_seconds_bucket{le="0.25"} 1',
    request,
  ]) {
    assert.ok(lines.includes(want), want);
  }
  assert.equal(refused.value, 0);
});

test("a size is measured, a cache and a log are watched, and all of it is pushed at the end", async (t) => {
  const sent: string[] = [];
  const taken = new Router().post("/", async (_ctx, req) => {
    sent.push(await req.text());
    return json({});
  });
  await using collector = await serve(background, taken, { network: true });
  // What the process is told, and nobody else.
  process.env["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = collector.url;
  t.after(() => delete process.env["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"]);
  const registry = new Registry();
  const out = { write: () => true };
  await using users = openCache<string, number>(background, { maxEntries: 10, ttlMs: 60_000 });
  {
    await using _push = openPush(background, registry, { service: "shop", env: process.env });

    const sizes = registry.exponentialHistogram("shop_order_bytes", {
      help: "Size of an order.",
      unit: "bytes",
      range: [64, 1_000_000],
    });
    sizes.observe(1234);

    watchCache(registry, "users", users);
    const log = countLines(registry, newLog({ out }));
    log.info(background, "placed");
  }
  for (const want of ["shop_order_bytes", "cache_requests_total", "log_lines_total", '"stringValue":"shop"']) {
    assert.ok(sent.join("").includes(want), want);
  }
  assert.match(scrape(registry).body, /^shop_order_bytes_bucket{le="2048"} 1$/m);
});

const url = process.env["DATABASE_URL"];

test("a pool is watched", { skip: url === undefined ? "needs DATABASE_URL, which npm test sets" : false }, async () => {
  if (url === undefined) return;
  const ctx = background;
  const registry = new Registry();
  const poolMetrics = new PoolMetrics(registry, "main");
  await using pool = await openPool(ctx, postgres({ url }), { hooks: poolMetrics });
  poolMetrics.watch(pool);
  await pool.one(ctx, "select 1");
  assert.match(scrape(registry).body, /db_client_connections{.*="main",.*="idle"} \d/);
});
