export type { OtlpAttr, OtlpAttrs, OtlpLog, OtlpTargetOptions } from "../../otlp/index.ts";
export { OtlpExporter, type OtlpOptions, type OtlpStats, openOtlp } from "./otlp.ts";
