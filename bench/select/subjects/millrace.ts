import { chan, closed, select } from "millrace/chan";
import { background } from "millrace/context";
import { type Kernel, measureKernel } from "../../lib/transfer.ts";

// A select over an object of channels, as the guide shows it. trySend makes sure of what is measured: the value is there
// before the select, or the request is on its way while the select begins to wait.

const ctx = background;

const kernels: Readonly<Record<string, Kernel>> = {
  "select-ready": {
    count: 2_000_000,
    async run(count) {
      const a = chan<number>(1);
      const b = chan<number>(1);
      let sum = 0;
      for (let i = 0; i < count; i++) {
        if (!(i % 2 === 0 ? a : b).trySend(i)) throw new Error("no room");
        const { key, value } = await select(ctx, { a, b });
        if (key !== (i % 2 === 0 ? "a" : "b")) throw new Error(`${i} came from ${key}`);
        if (value !== closed) sum += value;
      }
      return sum;
    },
  },
  "select-blocked": {
    count: 1_000_000,
    async run(count) {
      const requests = chan<number>();
      const a = chan<number>();
      const b = chan<number>();
      const serve = async (): Promise<void> => {
        for (let v = await requests.recv(ctx); v !== closed; v = await requests.recv(ctx)) {
          const answers = v % 2 === 0 ? a : b;
          if (!answers.trySend(v)) throw new Error("the select does not wait");
        }
      };
      const serving = serve();
      let sum = 0;
      for (let i = 0; i < count; i++) {
        if (!requests.trySend(i)) throw new Error("nobody serves");
        const { key, value } = await select(ctx, { a, b });
        if (key !== (i % 2 === 0 ? "a" : "b")) throw new Error(`${i} came from ${key}`);
        if (value !== closed) sum += value;
      }
      requests.close();
      await serving;
      return sum;
    },
  },
};

await measureKernel(kernels);
