import pLimit from "p-limit";
import { JOBS, job, printJobs, proveLimit } from "../kernels.ts";

const limit = pLimit(16);
await proveLimit(16, (fn) => limit(fn));

await printJobs(() => Promise.all(Array.from({ length: JOBS }, (_, i) => limit(() => job(i)))));
