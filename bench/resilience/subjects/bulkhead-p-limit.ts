import pLimit from "p-limit";
import { type Call, printCalls, proveBulkhead } from "../kernels.ts";

const limit = pLimit(16);
const call: Call = (fn) => limit(() => fn());

await proveBulkhead(16, call);
await printCalls(call);
