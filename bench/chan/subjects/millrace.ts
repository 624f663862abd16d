import { chan, closed } from "millrace/chan";
import { background } from "millrace/context";
import { type Kernel, measureKernel } from "../../lib/transfer.ts";

// Awaited sends and receives, and loops over iter and batches, as the guide shows them. For many values at once it says
// trySend first: it allocates nothing, and the wait is for a full buffer only.

const ctx = background;

const kernels: Readonly<Record<string, Kernel>> = {
  "ping-pong": {
    count: 1_000_000,
    async run(count) {
      const ping = chan<number>();
      const pong = chan<number>();
      const echo = async (): Promise<void> => {
        for (let v = await ping.recv(ctx); v !== closed; v = await ping.recv(ctx)) await pong.send(ctx, v + 1);
      };
      const echoing = echo();
      let sum = 0;
      for (let i = 0; i < count; i++) {
        await ping.send(ctx, i);
        const v = await pong.recv(ctx);
        if (v !== closed) sum += v;
      }
      ping.close();
      await echoing;
      return sum;
    },
  },
  unbuffered: { count: 2_000_000, run: (count) => oneByOne(count, 0) },
  buffered: { count: 2_000_000, run: (count) => oneByOne(count, 128) },
  "buffered-batches": {
    count: 10_000_000,
    async run(count) {
      const ch = chan<number>(128);
      const send = async (): Promise<void> => {
        for (let i = 0; i < count; i++) if (!ch.trySend(i)) await ch.send(ctx, i);
        ch.close();
      };
      const sending = send();
      let sum = 0;
      for await (const batch of ch.batches(ctx, 128)) for (const v of batch) sum += v;
      await sending;
      return sum;
    },
  },
};

async function oneByOne(count: number, capacity: number): Promise<number> {
  const ch = chan<number>(capacity);
  const send = async (): Promise<void> => {
    for (let i = 0; i < count; i++) await ch.send(ctx, i);
    ch.close();
  };
  const sending = send();
  let sum = 0;
  for await (const v of ch.iter(ctx)) sum += v;
  await sending;
  return sum;
}

await measureKernel(kernels, (name) => (name === "ping-pong" ? 1 : 0));
