import { background, withCancel } from "millrace/context";
import { retry } from "millrace/resilience";
import { type Call, printCalls, proveRetry } from "../kernels.ts";

const ctx = withCancel(background);
const options = { attempts: 3, baseMs: 1, retryable: () => true };
const call: Call = (fn) => retry(ctx, options, () => fn());

await proveRetry(call);
await printCalls(call);
