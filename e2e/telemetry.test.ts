import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, it } from "node:test";
import { newCollector } from "./collector.ts";
import { PLACES } from "./database.ts";
import { Storefront, tempDir } from "./storefront.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

/** seriesOf gives the values of a scrape by name and labels. */
async function seriesOf(shop: Storefront): Promise<Map<string, number>> {
  const text = await (await fetch(`${shop.adminUrl}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

for (const kind of PLACES) {
  describe(`what the storefront tells of itself, on ${kind.name}`, { timeout: 60_000 }, () => {
    it("has metrics of requests, the pool and the process, on the admin port alone", async () => {
      await using place = await kind.make();
      await using shop = await Storefront.start(place.env);
      const id = await shop.newUser();
      assert.equal((await shop.call("GET", `/api/v1/users/${id}`)).status, 200);
      assert.equal((await shop.call("GET", "/metrics")).status, 404);
      const series = await seriesOf(shop);
      const requests = `http_server_request_duration_seconds_count{http_route="/api/v1/users/:id",http_request_method="GET",http_response_status_code="200"}`;
      assert.equal(series.get(requests), 1, [...series.keys()].join("\n"));
      const inserts = [...series].filter(([name]) =>
        /^db_client_operation_duration_seconds_count{.*"INSERT"/.test(name),
      );
      assert.ok(inserts.some(([, count]) => count > 0));
      assert.equal(series.get("http_server_active_requests"), 0);
      assert.ok((series.get("nodejs_heap_size_used_bytes") ?? 0) > 1e6);
      await shop.call("GET", "/readyz");
      assert.equal((await seriesOf(shop)).get("health_ready"), 1);
      assert.equal(series.get("log_dropped_lines_total"), 0);
    });

    it("sends the spans of requests and statements, the last ones at the end, and lines have their trace", async () => {
      await using place = await kind.make();
      await using collector = await newCollector();
      const env = { ...place.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, TRACE_RATIO: "0" };
      await using shop = await Storefront.start(env);
      await shop.call("GET", "/api/v1/users");
      const traceparent = `00-${TRACE}-${PARENT}-01`;
      const { status } = await shop.call("GET", "/api/v1/users?limit=1", undefined, { headers: { traceparent } });
      assert.equal(status, 200);
      shop.kill("SIGTERM");
      assert.equal(await shop.exited(), 0);
      // The caller's wish is followed, and of what begins here nothing is recorded: TRACE_RATIO is 0.
      assert.deepEqual([...new Set(collector.spans.map((span) => span.traceId))], [TRACE]);
      const [served] = collector.spans.filter((span) => span.parentSpanId === PARENT);
      assert.equal(served?.name, "GET /api/v1/users");
      const below = collector.spans.filter((span) => span.parentSpanId === served.spanId);
      assert.deepEqual(
        below.map((span) => span.name),
        ["SELECT users"],
      );
      const lines = shop.lines.filter((line) => line.includes('"msg":"request"'));
      assert.equal(lines.length, 2);
      assert.ok(
        lines.every((line) => /"trace_id":"[\da-f]{32}"/.test(line)) && lines[1]!.includes(TRACE),
        lines.join("\n"),
      );
    });
  });
}

describe("a collector that is away", { timeout: 60_000 }, () => {
  it("delays no end, and costs no clean one", async () => {
    await using dir = await tempDir();
    // Nobody listens there, since its listener has just been closed.
    const url = await newCollector().then(async (collector) => {
      await collector[Symbol.asyncDispose]();
      return collector.url;
    });
    const env = { DATA_DIR: dir.path, OTEL_EXPORTER_OTLP_ENDPOINT: url, TRACE_RATIO: "1" };
    await using shop = await Storefront.start(env);
    assert.equal((await shop.call("GET", "/api/v1/users")).status, 200);
    shop.kill("SIGTERM");
    assert.equal(await shop.exited(), 0, shop.lines.join("\n"));
  });
});

describe("while it drains", { timeout: 60_000 }, () => {
  it("the admin port still answers, readiness is 503, and then all is closed", async () => {
    await using dir = await tempDir();
    await using shop = await Storefront.start({ DATA_DIR: dir.path, SHUTDOWN_DRAIN: "10s" });
    // A request in flight: its body is half there, so the server waits for it.
    const slow = request(`${shop.url}/api/v1/users`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": "60", expect: "100-continue" },
    });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      slow.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
    });
    await new Promise((resolve) => slow.on("continue", resolve).flushHeaders());
    shop.kill("SIGTERM");
    await shop.said("app: stopping");
    const series = await seriesOf(shop);
    assert.deepEqual([series.get("http_server_active_requests"), series.get("health_ready")], [1, 0]);
    slow.end(JSON.stringify({ email: "ada@example.org", name: "Ada" }).padEnd(60));
    assert.equal(await answered, 201);
    assert.equal(await shop.exited(), 0);
    await assert.rejects(fetch(`${shop.adminUrl}/metrics`));
  });
});
