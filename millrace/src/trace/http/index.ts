export { type ClientTracing, type TracedRequest, clientTracing } from "./client-tracing.ts";
