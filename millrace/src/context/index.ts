export type { CancelCtx, Ctx } from "./ctx.ts";
export { Canceled, DeadlineExceeded } from "./err.ts";
export { CtxKey, ctxKey } from "./key.ts";
export { withValue } from "./value.ts";
export {
  type DeadlineOptions,
  background,
  timeLeftMs,
  todo,
  withCancel,
  withDeadline,
  withTimeout,
  withoutCancel,
} from "./derive.ts";
export { afterDone } from "./after-done.ts";
export { fromSignal } from "./from-signal.ts";
export { sleep } from "./sleep.ts";
