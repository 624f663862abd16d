import { Sema } from "async-sema";
import { printNanoseconds } from "../../lib/kernel.ts";
import { proveLimit } from "../kernels.ts";

const COUNT = 5_000_000;
const semaphore = new Sema(4);
await proveLimit(4, async (fn) => {
  await semaphore.acquire();
  return await fn().finally(() => semaphore.release());
});

await printNanoseconds({ count: COUNT }, async () => {
  for (let i = 0; i < COUNT; i++) {
    if (semaphore.tryAcquire() === undefined) await semaphore.acquire();
    semaphore.release();
  }
});
