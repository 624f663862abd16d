import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** An index is built from the documents in memory, while those on the disk are still being read. */
export const kernel: Kernel = {
  id: 33,
  name: "index built before the load",
  seen: ["louischatriot/nedb (nacd NEDB1, NEDB2)"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, new Datastore(k)),
  fixed: (k) => scenario(k, new WaitingDatastore(k)),
};

async function scenario(k: Environment, users: Datastore): Promise<void> {
  users.open();
  await calls(k, 3);
  await users.ensureIndex();
  assert.equal(await users.find("ann@example.org"), "Ann");
}

class Datastore {
  loaded: Promise<void> = Promise.resolve();
  readonly #k: Environment;
  readonly #documents: { email: string; name: string }[] = [];
  #index: Map<string, string> | undefined;

  constructor(k: Environment) {
    this.#k = k;
  }

  open(): void {
    this.loaded = this.#load();
  }

  async ensureIndex(): Promise<void> {
    this.#index = new Map(this.#documents.map(({ email, name }) => [email, name]));
    await this.#k.io("write the index");
  }

  async find(email: string): Promise<string | undefined> {
    return this.#k.io(this.#index?.get(email));
  }

  async #load(): Promise<void> {
    await this.#k.io();
    this.#documents.push({ email: "ann@example.org", name: "Ann" });
  }
}

class WaitingDatastore extends Datastore {
  override async ensureIndex(): Promise<void> {
    await this.loaded;
    await super.ensureIndex();
  }
}
