import pRetry from "p-retry";
import { type Call, printCalls, proveRetry } from "../kernels.ts";

const options = { retries: 2, minTimeout: 1, randomize: true };
const call: Call = (fn) => pRetry(() => fn(), options);

await proveRetry(call);
await printCalls(call);
