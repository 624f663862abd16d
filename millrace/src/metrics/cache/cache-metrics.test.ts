import assert from "node:assert/strict";
import { test } from "node:test";
import { openCache } from "../../cache/index.ts";
import { background } from "../../context/index.ts";
import { Registry, scrape } from "../index.ts";
import { watchCache } from "./index.ts";

test("every number of a cache is where it belongs, beside a real one's", async () => {
  const registry = new Registry();
  const stats = { hits: 1, misses: 2, stale: 3, loads: 4, errors: 5, evictions: 6, size: 7, weight: 8 };
  watchCache(registry, "orders", { stats: () => stats });
  await using users = openCache<string, number>(background, { maxEntries: 2, ttlMs: 60_000, random: () => 0 });
  watchCache(registry, "users", users);
  for (const key of ["a", "a", "b", "c"]) await users.get(background, key, () => Promise.resolve(1));
  await assert.rejects(users.get(background, "d", () => Promise.reject(new Error("no"))));
  const lines = scrape(registry)
    .body.split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(lines, [
    'cache_entries{cache="orders"} 7',
    'cache_entries{cache="users"} 2',
    'cache_evictions_total{cache="orders"} 6',
    'cache_evictions_total{cache="users"} 1',
    'cache_load_failures_total{cache="orders"} 5',
    'cache_load_failures_total{cache="users"} 1',
    'cache_loads_total{cache="orders"} 4',
    'cache_loads_total{cache="users"} 4',
    'cache_requests_total{cache="orders",result="hit"} 1',
    'cache_requests_total{cache="orders",result="miss"} 2',
    'cache_requests_total{cache="orders",result="stale"} 3',
    'cache_requests_total{cache="users",result="hit"} 1',
    'cache_requests_total{cache="users",result="miss"} 4',
    'cache_requests_total{cache="users",result="stale"} 0',
    'cache_weight{cache="orders"} 8',
    'cache_weight{cache="users"} 2',
  ]);
});
