export type { OtlpAttr, OtlpAttrs, OtlpLog, OtlpTargetOptions } from "../../otlp/index.ts";
export { MetricsPush, type PushOptions, type PushStats, openPush } from "./push.ts";
