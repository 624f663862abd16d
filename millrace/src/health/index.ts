export { Health, type HealthOptions, type HealthReport, newHealth } from "./health.ts";
export type { Check, CheckResult } from "./check.ts";
