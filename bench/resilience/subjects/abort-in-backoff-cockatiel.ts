import { ConstantBackoff, handleAll, retry } from "cockatiel";
import { printAbort } from "../kernels.ts";

const policy = retry(handleAll, { maxAttempts: 2, backoff: new ConstantBackoff(500) });
await printAbort((fn, signal) => policy.execute(() => fn(), signal));
