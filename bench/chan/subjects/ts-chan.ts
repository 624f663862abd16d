import { Chan } from "ts-chan";
import { type Kernel, measureKernel } from "../../lib/transfer.ts";

// Awaited sends and receives, and its loop over the channel, as its README shows them. By default a channel goes through
// the event loop where it must, so that timers and I/O do not starve, which ours also guarantees; UNSAFE sets what its
// documentation offers to those who do without (setUnsafe). For many values at once: trySend and tryRecv first.

const unsafe = process.env["UNSAFE"] === "1";
const newChan = (capacity: number): Chan<number> => new Chan<number>(capacity).setUnsafe(unsafe);
const slow = (count: number): number => (unsafe ? count : count / 4);

const kernels: Readonly<Record<string, Kernel>> = {
  "ping-pong": {
    count: slow(400_000),
    async run(count) {
      const ping = newChan(0);
      const pong = newChan(0);
      const echo = async (): Promise<void> => {
        for (let r = await ping.recv(); r.done !== true; r = await ping.recv()) await pong.send(r.value + 1);
      };
      const echoing = echo();
      let sum = 0;
      for (let i = 0; i < count; i++) {
        await ping.send(i);
        const r = await pong.recv();
        if (r.done !== true) sum += r.value;
      }
      ping.close();
      await echoing;
      return sum;
    },
  },
  unbuffered: { count: slow(800_000), run: (count) => oneByOne(count, 0) },
  buffered: { count: slow(800_000), run: (count) => oneByOne(count, 128) },
  "buffered-batches": {
    count: 4_000_000,
    async run(count) {
      const ch = newChan(128);
      const send = async (): Promise<void> => {
        for (let i = 0; i < count; i++) if (!ch.trySend(i)) await ch.send(i);
        ch.close();
      };
      const sending = send();
      let sum = 0;
      for (;;) {
        const r = ch.tryRecv() ?? (await ch.recv());
        if (r.done === true) break;
        sum += r.value;
      }
      await sending;
      return sum;
    },
  },
};

async function oneByOne(count: number, capacity: number): Promise<number> {
  const ch = newChan(capacity);
  const send = async (): Promise<void> => {
    for (let i = 0; i < count; i++) await ch.send(i);
    ch.close();
  };
  const sending = send();
  let sum = 0;
  for await (const v of ch) sum += v;
  await sending;
  return sum;
}

await measureKernel(kernels, (name) => (name === "ping-pong" ? 1 : 0));
