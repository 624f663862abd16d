import { type Channel, channel } from "@thi.ng/csp";
import { type Kernel, measureKernel } from "../../lib/transfer.ts";

// Reads, writes and its loop over the channel, as its README shows them. It has no unbuffered channel: the default has
// room for one, but a write ends only when its value was read, so that an awaited write is a hand-off all the same.
// With a buffer that would be lock-step, so there values go by offer while it succeeds, and are awaited when it is full;
// for many values at once they are taken by poll, too.

const kernels: Readonly<Record<string, Kernel>> = {
  "ping-pong": {
    count: 400_000,
    async run(count) {
      const ping = channel<number>();
      const pong = channel<number>();
      const echo = async (): Promise<void> => {
        for (let v = await ping.read(); v !== undefined; v = await ping.read()) await pong.write(v + 1);
      };
      const echoing = echo();
      let sum = 0;
      for (let i = 0; i < count; i++) {
        await ping.write(i);
        sum += (await pong.read()) ?? 0;
      }
      ping.close();
      await echoing;
      return sum;
    },
  },
  unbuffered: {
    count: 800_000,
    async run(count) {
      const ch = channel<number>();
      const send = async (): Promise<void> => {
        for (let i = 0; i < count; i++) await ch.write(i);
        ch.close();
      };
      return await received(ch, send());
    },
  },
  buffered: {
    count: 800_000,
    async run(count) {
      const ch = channel<number>(128);
      return await received(ch, offerAll(ch, count));
    },
  },
  "buffered-batches": {
    count: 800_000,
    async run(count) {
      const ch = channel<number>(128);
      const sending = offerAll(ch, count);
      let sum = 0;
      for (;;) {
        const v = ch.poll() ?? (await ch.read());
        if (v === undefined) break;
        sum += v;
      }
      await sending;
      return sum;
    },
  },
};

async function offerAll(ch: Channel<number>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) if (!ch.offer(i)) await ch.write(i);
  ch.close();
}

async function received(ch: Channel<number>, sending: Promise<void>): Promise<number> {
  let sum = 0;
  for await (const v of ch) sum += v;
  await sending;
  return sum;
}

await measureKernel(kernels, (name) => (name === "ping-pong" ? 1 : 0));
