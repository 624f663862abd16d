import assert from "node:assert/strict";
import type { Environment, Kernel } from "../kernel.ts";

/** A reader races each read with a timer and reads again when that is first: the read before takes the next chunk. */
export const kernel: Kernel = {
  id: 16,
  name: "chunk lost to a read that timed out",
  seen: ["ndycode/codex-multi-auth#469", "penumbra-zone/web#306"],
  detectors: ["explore", "time"],
  buggy: (k) => scenario(k, racing),
  fixed: (k) => scenario(k, keeping),
};

type Chunk = string | null;

async function scenario(k: Environment, collect: (k: Environment, stream: Stream) => Promise<string[]>): Promise<void> {
  const stream = new Stream();
  const produce = async (): Promise<void> => {
    await k.sleep(20);
    stream.push("first");
    await k.sleep(7);
    stream.push("second");
    await k.sleep(7);
    stream.push(null);
  };
  const consume = async (): Promise<string[]> => {
    await k.sleep(5);
    return collect(k, stream);
  };
  const [chunks] = await Promise.all([consume(), produce()]);
  assert.deepEqual(chunks, ["first", "second"]);
}

const IDLE = Symbol("idle");
const IDLE_MS = 15;
const MAX_IDLE = 5;

async function racing(k: Environment, stream: Stream): Promise<string[]> {
  const chunks: string[] = [];
  for (let idle = 0; idle < MAX_IDLE;) {
    const chunk = await Promise.race([stream.read(), k.sleep(IDLE_MS).then(() => IDLE)]);
    if (chunk === null) break;
    if (chunk === IDLE) idle++; // A keep-alive would be sent here.
    else chunks.push(chunk as string);
  }
  return chunks;
}

async function keeping(k: Environment, stream: Stream): Promise<string[]> {
  const chunks: string[] = [];
  let read = stream.read();
  for (let idle = 0; idle < MAX_IDLE;) {
    const chunk = await Promise.race([read, k.sleep(IDLE_MS).then(() => IDLE)]);
    if (chunk === null) break;
    if (chunk === IDLE) {
      idle++;
    } else {
      chunks.push(chunk as string);
      read = stream.read();
    }
  }
  return chunks;
}

class Stream {
  readonly #chunks: Chunk[] = [];
  readonly #readers: ((chunk: Chunk) => void)[] = [];

  read(): Promise<Chunk> {
    const chunk = this.#chunks.shift();
    return chunk === undefined ? new Promise((resolve) => this.#readers.push(resolve)) : Promise.resolve(chunk);
  }

  push(chunk: Chunk): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#chunks.push(chunk);
    else reader(chunk);
  }
}
