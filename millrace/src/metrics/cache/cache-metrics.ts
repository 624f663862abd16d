import type { CacheStats } from "../../cache/index.ts";
import type { Registry } from "../index.ts";

/** WatchedCache is what watchCache asks of a cache. */
export interface WatchedCache {
  stats(): CacheStats;
}

/**
 * watchCache reads the statistics of a cache of `millrace/cache` at each scrape; name is the label `cache`. Several caches
 * with names of their own may use one registry.
 */
export function watchCache(registry: Registry, name: string, cache: WatchedCache): void {
  const metrics = registry.shared("cache", () => register(registry));
  const of = { cache: name };
  metrics.requests.labels({ ...of, result: "hit" }).readFrom(() => cache.stats().hits);
  metrics.requests.labels({ ...of, result: "stale" }).readFrom(() => cache.stats().stale);
  metrics.requests.labels({ ...of, result: "miss" }).readFrom(() => cache.stats().misses);
  metrics.loads.labels(of).readFrom(() => cache.stats().loads);
  metrics.failures.labels(of).readFrom(() => cache.stats().errors);
  metrics.evictions.labels(of).readFrom(() => cache.stats().evictions);
  metrics.entries.labels(of).readFrom(() => cache.stats().size);
  metrics.weight.labels(of).readFrom(() => cache.stats().weight);
}

function register(registry: Registry) {
  const labels = ["cache"] as const;
  return {
    requests: registry.counterVec("cache_requests_total", {
      help: "Answers of a cache: a fresh value or a failure that is held, a stale value, or a wait for a load.",
      labels: ["cache", "result"],
    }),
    loads: registry.counterVec("cache_loads_total", { help: "Loads begun, those in the background too.", labels }),
    failures: registry.counterVec("cache_load_failures_total", { help: "Loads that failed.", labels }),
    evictions: registry.counterVec("cache_evictions_total", {
      help: "Entries that had to go because the cache was full.",
      labels,
    }),
    entries: registry.gaugeVec("cache_entries", { help: "Entries held, those that are over too.", labels }),
    weight: registry.gaugeVec("cache_weight", { help: "What the entries weigh, as the cache was told.", labels }),
  };
}
