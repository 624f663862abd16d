import { Chan, Select, recv } from "ts-chan";
import { type Kernel, measureKernel } from "../../lib/transfer.ts";

// One Select for the whole loop, waited for and then read, as its documentation shows it. By default it goes through the
// event loop where it must, so that timers and I/O do not starve, which ours also guarantees; UNSAFE sets what its
// documentation offers to those who do without (setUnsafe), here and on the channels. Its channel is not asked by
// trySend whether a select waits: what is measured for it may be a little less than a wait.

const unsafe = process.env["UNSAFE"] === "1";
const newChan = (capacity: number): Chan<number> => new Chan<number>(capacity).setUnsafe(unsafe);

const kernels: Readonly<Record<string, Kernel>> = {
  "select-ready": {
    count: 300_000,
    async run(count) {
      const a = newChan(1);
      const b = newChan(1);
      const select = new Select([recv(a), recv(b)]).setUnsafe(unsafe);
      let sum = 0;
      for (let i = 0; i < count; i++) {
        if (!(i % 2 === 0 ? a : b).trySend(i)) throw new Error("no room");
        const at = await select.wait();
        if (at !== i % 2) throw new Error(`${i} came from ${at}`);
        const got = select.recv(select.cases[at]);
        if (got.done !== true) sum += got.value;
      }
      return sum;
    },
  },
  "select-blocked": {
    count: 200_000,
    async run(count) {
      const requests = newChan(0);
      const a = newChan(0);
      const b = newChan(0);
      const serve = async (): Promise<void> => {
        for (let r = await requests.recv(); r.done !== true; r = await requests.recv()) {
          await (r.value % 2 === 0 ? a : b).send(r.value);
        }
      };
      const serving = serve();
      const select = new Select([recv(a), recv(b)]).setUnsafe(unsafe);
      let sum = 0;
      for (let i = 0; i < count; i++) {
        if (!requests.trySend(i)) await requests.send(i);
        const at = await select.wait();
        if (at !== i % 2) throw new Error(`${i} came from ${at}`);
        const got = select.recv(select.cases[at]);
        if (got.done !== true) sum += got.value;
      }
      requests.close();
      await serving;
      return sum;
    },
  },
};

await measureKernel(kernels);
