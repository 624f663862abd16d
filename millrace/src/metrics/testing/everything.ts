import { background } from "../../context/index.ts";
import { Router, text } from "../../http/index.ts";
import { serve } from "../../http/node/testing/setup.ts";
import { newLog } from "../../log/index.ts";
import { metrics } from "../../middleware/index.ts";
import type { PoolStats } from "../../sql/index.ts";
import { watchCache } from "../cache/index.ts";
import { clientMetrics } from "../http/index.ts";
import { type Registry, runtimeMetrics } from "../index.ts";
import { countLines } from "../log/index.ts";
import { ResilienceMetrics } from "../resilience/index.ts";
import { PoolMetrics } from "../sql/index.ts";

const POOL: PoolStats = {
  maxConns: 1,
  acquired: 0,
  idle: 0,
  opening: 0,
  closing: 0,
  waiting: 0,
  acquireCount: 0,
  waitCount: 0,
  waitMs: 0,
  timeouts: 0,
  closedByLifetime: 0,
  closedByIdle: 0,
  closedByHealth: 0,
  closedBroken: 0,
  lanes: undefined,
};

/** everything registers every metric that Millrace has, each with a series at least; disposing it ends the process's. */
export async function everything(registry: Registry): Promise<Disposable> {
  const runtime = runtimeMetrics(registry);
  const stats = { hits: 0, misses: 0, stale: 0, loads: 0, errors: 0, evictions: 0, size: 0, weight: 0 };
  watchCache(registry, "users", { stats: () => stats });
  const pool = new PoolMetrics(registry, "main");
  pool.watch({ stats: () => POOL });
  pool.query(background, { text: "select 1", durationMs: 1, err: undefined } as Parameters<PoolMetrics["query"]>[1]);
  const resilience = new ResilienceMetrics(registry, "billing");
  resilience.watch({});
  countLines(registry, newLog());
  clientMetrics(registry).request(background, { method: "GET", origin: "http://127.0.0.1" }).end(200, undefined);
  await using up = await serve(new Router().use(metrics(registry)).get("/", () => text("")));
  await (await fetch(up.server.url)).text();
  registry.readFailed("a");
  const vec = registry.gaugeVec("own", { help: "Own.", labels: ["a"], maxSeries: 1 });
  for (const a of ["1", "2"]) vec.labels({ a });
  return runtime;
}
