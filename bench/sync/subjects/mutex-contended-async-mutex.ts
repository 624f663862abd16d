import { Mutex } from "async-mutex";
import { printContended, proveLimit } from "../kernels.ts";

const mutex = new Mutex();
await proveLimit(1, (fn) => mutex.runExclusive(fn));

await printContended(160_000, async (times) => {
  for (let i = 0; i < times; i++) {
    const release = await mutex.acquire();
    await Promise.resolve();
    release();
  }
});
