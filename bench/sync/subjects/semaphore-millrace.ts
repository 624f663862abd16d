import { background, withCancel } from "millrace/context";
import { Semaphore } from "millrace/sync";
import { printNanoseconds } from "../../lib/kernel.ts";
import { proveLimit } from "../kernels.ts";

const COUNT = 5_000_000;
const ctx = withCancel(background);
const semaphore = new Semaphore(4);
await proveLimit(4, (fn) => semaphore.withTokens(ctx, fn));

await printNanoseconds({ count: COUNT }, async () => {
  for (let i = 0; i < COUNT; i++) {
    if (semaphore.tryAcquire() === undefined) await semaphore.acquire(ctx);
    semaphore.release();
  }
});
