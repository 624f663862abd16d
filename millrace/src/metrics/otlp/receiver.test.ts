import assert from "node:assert/strict";
import { test } from "node:test";
import { background, withTimeout } from "../../context/index.ts";
import { eventually } from "../../sql/testing/database.ts";
import { receivesOtlp, startPrometheus } from "../../../../tools/prometheus.ts";
import { Registry } from "../index.ts";
import { openPush } from "./index.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const help = "What it is.";

// Prometheus takes OTLP from 3.0 on, and Debian 12 has 2.42: where there is none to push to, there is no such test.
if (receivesOtlp()) {
  test("a real Prometheus takes what is pushed", { timeout: 120_000 }, async () => {
    const registry = new Registry();
    const requests = registry.counterVec("test_requests_total", { help, labels: ["route"] });
    requests.labels({ route: '/a"\\\n\u{1f600}' }).inc(3, ID);
    const wait = registry.histogram("test_wait_seconds", { help, unit: "seconds", buckets: [0.5, 1] });
    for (const value of [0.25, 0.5, 0.75, 3]) wait.observe(value, ID);
    const native = registry.exponentialHistogram("test_native_seconds", { help, unit: "seconds" });
    for (let i = 0; i <= 10_000; i++) native.observe(10 ** (i / 2500 - 3), i % 1000 === 0 ? ID : undefined);
    for (const value of [-1, 0]) native.observe(value);
    registry.gauge("test_used_bytes", { help, unit: "bytes" }).set(-1.5);
    registry.gauge("test_limit_bytes", { help, unit: "bytes" }).set(Infinity);

    await using prometheus = await startPrometheus(
      "127.0.0.1:1",
      ["exemplar-storage", "native-histograms"],
      ["--web.enable-otlp-receiver"],
    );
    const url = `${prometheus.url}/api/v1/otlp/v1/metrics`;
    const told: unknown[] = [];
    const log = { warn: (_ctx: unknown, ...line: unknown[]) => void told.push(line) };
    await using push = openPush(background, registry, { service: "shop", url, log });
    await push.flush(background);
    assert.deepEqual([push.stats(), told], [{ pushed: 1, failed: 0 }, []]);
    using ctx = withTimeout(background, 30_000);
    await eventually(ctx, "it is there", async () => "{}" in (await prometheus.query("sum(test_used_bytes)")));

    const at = async (promql: string): Promise<number> => Number(Object.values(await prometheus.query(promql))[0]);
    const want: [query: string, want: string][] = [
      ['sum(test_requests_total{route="/a\\"\\\\\\n\u{1f600}"})', "3"],
      ["sum(test_used_bytes)", "-1.5"],
      ["sum(test_limit_bytes)", "+Inf"],
      ['sum(test_wait_seconds_bucket{le="0.5"})', "2"],
      ['sum(test_wait_seconds_bucket{le="+Inf"})', "4"],
      ["sum(test_wait_seconds_sum)", "4.5"],
      ["sum(test_wait_seconds_count)", "4"],
      ["histogram_count(test_native_seconds)", "10003"],
    ];
    for (const [query, value] of want) assert.deepEqual(Object.values(await prometheus.query(query)), [value], query);
    for (const quantile of [0.1, 0.5, 0.9]) {
      const got = await at(`histogram_quantile(${quantile}, test_native_seconds)`);
      assert.ok(Math.abs(got / 10 ** (4 * quantile - 3) - 1) < 0.1, `${quantile}: ${got}`);
    }
  });
}
