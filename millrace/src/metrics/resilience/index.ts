export { ResilienceMetrics } from "./resilience-metrics.ts";
