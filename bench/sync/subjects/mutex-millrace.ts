import { background, withCancel } from "millrace/context";
import { Mutex } from "millrace/sync";
import { printNanoseconds } from "../../lib/kernel.ts";
import { proveLimit } from "../kernels.ts";

const COUNT = 1_000_000;
const ctx = withCancel(background);
const mutex = new Mutex();
await proveLimit(1, (fn) => mutex.withLock(ctx, fn));

await printNanoseconds({ count: COUNT }, async () => {
  for (let i = 0; i < COUNT; i++) {
    await mutex.lock(ctx);
    mutex.unlock();
  }
});
