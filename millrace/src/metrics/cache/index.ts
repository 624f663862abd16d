export { type WatchedCache, watchCache } from "./cache-metrics.ts";
