import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** Two workers look for delayed jobs that are due, and both put the same one into the queue. */
export const kernel: Kernel = {
  id: 42,
  name: "delayed job promoted twice",
  seen: ["Automattic/kue#1133", "Automattic/kue#449"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, new Store(k)),
  fixed: (k) => scenario(k, new ClaimingStore(k)),
};

async function scenario(k: Environment, store: Store): Promise<void> {
  const sent: string[] = [];
  const worker = async (before: number): Promise<void> => {
    await calls(k, before);
    await store.promote();
    for (;;) {
      const job = await store.next();
      if (job === undefined) return;
      sent.push(job);
    }
  };
  await Promise.all([worker(0), worker(6)]);
  assert.deepEqual(sent, ["reminder"], "the mail was sent twice");
}

class Store {
  readonly delayed = new Set(["reminder"]);
  readonly ready: string[] = [];
  readonly k: Environment;

  constructor(k: Environment) {
    this.k = k;
  }

  async promote(): Promise<void> {
    await this.k.io();
    for (const job of this.delayed) await this.move(job);
  }

  async move(job: string): Promise<void> {
    await this.k.io();
    this.delayed.delete(job);
    this.ready.push(job);
  }

  async next(): Promise<string | undefined> {
    await this.k.io();
    return this.ready.shift();
  }
}

class ClaimingStore extends Store {
  override async move(job: string): Promise<void> {
    await this.k.io();
    // One command, which says whether it was this one that removed it.
    if (this.delayed.delete(job)) this.ready.push(job);
  }
}
