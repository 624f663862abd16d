import pRetry from "p-retry";
import { printAbort } from "../kernels.ts";

await printAbort((fn, signal) => pRetry(() => fn(), { retries: 2, minTimeout: 500, signal }));
