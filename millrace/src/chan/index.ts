export { type Chan, type NoThenable, type Receiver, type Sender, chan } from "./chan.ts";
export { type CaseValue, type Cases, type Selected, select, trySelect } from "./select.ts";
export { type Timer, after, timer } from "./timer.ts";
export { ticker } from "./ticker.ts";
export { fromPromise } from "./from-promise.ts";
export type { RecvCase, SendCase } from "../runtime/arm.ts";
export { type Closed, type Empty, closed, empty } from "../runtime/sentinel.ts";
