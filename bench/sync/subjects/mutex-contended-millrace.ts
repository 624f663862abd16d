import { background, withCancel } from "millrace/context";
import { Mutex } from "millrace/sync";
import { printContended, proveLimit } from "../kernels.ts";

const ctx = withCancel(background);
const mutex = new Mutex();
await proveLimit(1, (fn) => mutex.withLock(ctx, fn));

await printContended(480_000, async (times) => {
  for (let i = 0; i < times; i++) {
    await mutex.lock(ctx);
    await Promise.resolve();
    mutex.unlock();
  }
});
