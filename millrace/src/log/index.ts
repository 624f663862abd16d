export { type Log, type LogOptions, newLog } from "./log.ts";
export { LEVELS, type Level } from "./level.ts";
export { type Attrs, logAttrs, withLogAttrs } from "./attrs.ts";
export type { LogOut } from "./sink.ts";
export { REDACTED } from "./redact.ts";
