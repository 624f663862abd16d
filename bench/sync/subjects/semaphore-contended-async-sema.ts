import { Sema } from "async-sema";
import { printContended, proveLimit } from "../kernels.ts";

const semaphore = new Sema(4);
await proveLimit(4, async (fn) => {
  await semaphore.acquire();
  return await fn().finally(() => semaphore.release());
});

await printContended(480_000, async (times) => {
  for (let i = 0; i < times; i++) {
    await semaphore.acquire();
    await Promise.resolve();
    semaphore.release();
  }
});
