import { background, withCancel } from "millrace/context";
import { Semaphore } from "millrace/sync";
import { printContended, proveLimit } from "../kernels.ts";

const ctx = withCancel(background);
const semaphore = new Semaphore(4);
await proveLimit(4, (fn) => semaphore.withTokens(ctx, fn));

await printContended(480_000, async (times) => {
  for (let i = 0; i < times; i++) {
    await semaphore.acquire(ctx);
    await Promise.resolve();
    semaphore.release();
  }
});
