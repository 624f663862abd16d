export { type SqlTracingOptions, sqlTracing } from "./sql-tracing.ts";
