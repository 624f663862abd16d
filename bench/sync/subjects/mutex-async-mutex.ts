import { Mutex } from "async-mutex";
import { printNanoseconds } from "../../lib/kernel.ts";
import { proveLimit } from "../kernels.ts";

const COUNT = 200_000;
const mutex = new Mutex();
await proveLimit(1, (fn) => mutex.runExclusive(fn));

await printNanoseconds({ count: COUNT }, async () => {
  for (let i = 0; i < COUNT; i++) {
    const release = await mutex.acquire();
    release();
  }
});
