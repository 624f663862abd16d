export { PoolMetrics, type WatchedPool } from "./pool-metrics.ts";
