import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A server counts subscribers by user; an unsubscribe that is still under way when the client goes counts twice. */
export const kernel: Kernel = {
  id: 38,
  name: "unsubscribe races with the disconnect",
  seen: ["hapijs/nes#117", "hapijs/nes#123", "hapijs/nes#124"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, new Hub(k)),
  fixed: (k) => scenario(k, new CheckingHub(k)),
};

async function scenario(k: Environment, hub: Hub): Promise<void> {
  const phone = { user: "ann", topics: new Set<string>() };
  const laptop = { user: "ann", topics: new Set<string>() };
  hub.subscribe(phone, "news");
  hub.subscribe(laptop, "news");
  const hangUp = async (): Promise<void> => {
    await calls(k, 4);
    hub.disconnect(phone);
  };
  await Promise.all([hub.unsubscribe(phone, "news"), hangUp()]);
  assert.equal(hub.count("ann"), 1, "the laptop gets no news any more");
}

interface Client {
  readonly user: string;
  readonly topics: Set<string>;
}

class Hub {
  readonly #k: Environment;
  readonly #subscribers = new Map<string, number>();

  constructor(k: Environment) {
    this.#k = k;
  }

  count(user: string): number {
    return this.#subscribers.get(user) ?? 0;
  }

  subscribe({ user, topics }: Client, topic: string): void {
    topics.add(topic);
    this.#subscribers.set(user, this.count(user) + 1);
  }

  async unsubscribe(client: Client, topic: string): Promise<void> {
    if (!client.topics.has(topic)) return;
    await this.#k.io("onUnsubscribe");
    this.remove(client, topic);
  }

  disconnect(client: Client): void {
    for (const topic of client.topics) this.remove(client, topic);
  }

  remove({ user, topics }: Client, topic: string): void {
    topics.delete(topic);
    this.#subscribers.set(user, this.count(user) - 1);
  }
}

class CheckingHub extends Hub {
  override remove(client: Client, topic: string): void {
    if (client.topics.has(topic)) super.remove(client, topic);
  }
}
