export { type ClientMetrics, clientMetrics } from "./client-metrics.ts";
