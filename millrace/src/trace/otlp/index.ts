export { OtlpExporter, type OtlpLog, type OtlpOptions, type OtlpStats, openOtlp } from "./otlp.ts";
