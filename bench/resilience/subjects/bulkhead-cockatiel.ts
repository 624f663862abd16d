import { bulkhead } from "cockatiel";
import { type Call, printCalls, proveBulkhead } from "../kernels.ts";

const policy = bulkhead(16, 1000);
const call: Call = (fn) => policy.execute(() => fn());

await proveBulkhead(16, call);
await printCalls(call);
