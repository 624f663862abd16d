import { openSync } from "node:fs";
import { background } from "millrace/context";
import { newHealth } from "millrace/health";
import { type Middleware, Router, json, text } from "millrace/http";
import { listen } from "millrace/http/node";
import { newLog } from "millrace/log";
import { Registry, scrape } from "millrace/metrics";
import { accessLog, metrics, requestId, tracing } from "millrace/middleware";
import { watchStalls } from "millrace/stall";
import { enableCurrent } from "millrace/task";
import { newTracer, parentBased, ratio } from "millrace/trace";
import { openOtlp } from "millrace/trace/otlp";

// What is on, by name: PARTS="access-log metrics".
const parts = new Set((process.env["PARTS"] ?? "").split(" "));
const router = new Router();
const use: Middleware[] = [];

if (parts.has("request-id")) use.push(requestId());
if (parts.has("tracing-10")) {
  // Everything is sent, or the server says so and is not measured.
  const exporter = openOtlp(background, {
    service: "bench",
    url: process.env["COLLECTOR"]!,
    maxQueue: 50_000,
    log: { warn: (_ctx, message, attrs) => void (console.error(message, attrs), process.exit(1)) },
  });
  use.push(tracing({ tracer: newTracer({ exporter, sampler: parentBased(ratio(0.1)) }) }));
}
if (parts.has("access-log")) use.push(accessLog({ fd: openSync(process.env["ACCESS_LOG"] ?? "/dev/null", "a") }));
const registry = new Registry();
if (parts.has("metrics")) use.push(metrics(registry));
if (parts.has("current")) enableCurrent();
if (parts.has("stalls")) watchStalls({ log: newLog({ out: "stderr" }) });

router.use(...use).get("/users/:id", (_ctx, req) => json({ id: req.params.id, name: "John" }));
if (parts.has("metrics")) router.get("/metrics", (_ctx, req) => text(scrape(registry, req.header("accept")).body));
if (parts.has("health")) {
  const health = newHealth();
  router.get("/healthz", health.live).get("/readyz", health.ready);
}
const server = await listen(background, { addr: `127.0.0.1:${process.env["PORT"] ?? "0"}`, handler: router });
console.log(JSON.stringify({ port: Number(server.addr.split(":")[1]) }));
