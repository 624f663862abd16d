export { type OtlpAttr, type OtlpAttrs, attrsOf, doubleOf, nanosOf } from "./attrs.ts";
export { millisOf } from "./env.ts";
export { Losses, type OtlpLog } from "./loss.ts";
export { post } from "./post.ts";
export { type OtlpTargetOptions, type Target, checkWhole, targetOf } from "./target.ts";
