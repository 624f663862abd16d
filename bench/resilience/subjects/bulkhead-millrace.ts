import { background, withCancel } from "millrace/context";
import { Limiter } from "millrace/resilience";
import { type Call, printCalls, proveBulkhead } from "../kernels.ts";

const ctx = withCancel(background);
const limiter = new Limiter({ concurrency: 16, maxWaiting: 1000 });
const call: Call = (fn) => limiter.do(ctx, () => fn());

await proveBulkhead(16, call);
await printCalls(call);
