import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A select that has won cleans up behind itself, and takes another's wait off the channel it lost. */
export const kernel: Kernel = {
  id: 17,
  name: "select removes another's waiter",
  seen: ["@thi.ng/csp 3.2.44, measured"],
  detectors: ["deadlock"],
  buggy: (k) => scenario(k, (readers) => readers.shift()),
  fixed: (k) =>
    scenario(k, (readers, own) => {
      const place = readers.indexOf(own);
      if (place >= 0) readers.splice(place, 1);
    }),
};

type Reader = (value: string) => void;
type Remove = (readers: Reader[], own: Reader) => unknown;

async function scenario(k: Environment, remove: Remove): Promise<void> {
  const news = new Channel();
  const mail = new Channel();
  const chat = new Channel();
  const send = async (channel: Channel, before: number): Promise<void> => {
    await calls(k, before);
    channel.send("hello");
  };
  const got = await Promise.all([
    select([news, mail], remove),
    select([news, chat], remove),
    send(news, 2),
    send(chat, 5),
  ]);
  assert.deepEqual(got.slice(0, 2), ["hello", "hello"]);
}

class Channel {
  readonly readers: Reader[] = [];
  readonly values: string[] = [];

  send(value: string): void {
    const reader = this.readers.shift();
    if (reader === undefined) this.values.push(value);
    else reader(value);
  }
}

async function select(channels: Channel[], remove: Remove): Promise<string> {
  for (const channel of channels) {
    const value = channel.values.shift();
    if (value !== undefined) return value;
  }
  return new Promise((resolve) => {
    const own = (value: string): void => {
      for (const channel of channels) if (channel.readers.length > 0) remove(channel.readers, own);
      resolve(value);
    };
    for (const channel of channels) channel.readers.push(own);
  });
}
