import { ExponentialBackoff, handleAll, retry } from "cockatiel";
import { type Call, printCalls, proveRetry } from "../kernels.ts";

const policy = retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 1 }) });
const call: Call = (fn) => policy.execute(() => fn());

await proveRetry(call);
await printCalls(call);
