import { background, withCancel } from "millrace/context";
import { Semaphore } from "millrace/sync";
import { JOBS, job, printJobs, proveLimit } from "../kernels.ts";

const ctx = withCancel(background);
const limit = new Semaphore(16);
await proveLimit(16, (fn) => limit.withTokens(ctx, fn));

await printJobs(() => Promise.all(Array.from({ length: JOBS }, (_, i) => limit.withTokens(ctx, () => job(i)))));
