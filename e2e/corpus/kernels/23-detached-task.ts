import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A save is begun and not awaited; when the store is closed first, its error has nobody to go to. */
export const kernel: Kernel = {
  id: 23,
  name: "error of a detached task",
  seen: ["backnotprop/plannotator#747"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, new Store(k)),
  fixed: (k) => scenario(k, new WaitingStore(k)),
};

async function scenario(k: Environment, store: Store): Promise<void> {
  store.note("approved");
  await calls(k, 3);
  await store.close();
  assert.deepEqual(store.disk, ["approved"], "a note is lost");
}

class Store {
  readonly disk: string[] = [];
  readonly #k: Environment;
  #open = true;

  constructor(k: Environment) {
    this.#k = k;
  }

  note(text: string): void {
    void this.save(text);
  }

  async save(text: string): Promise<void> {
    await this.#k.io();
    if (!this.#open) throw new Error("write after close");
    this.disk.push(text);
  }

  async close(): Promise<void> {
    this.#open = false;
    await this.#k.io();
  }
}

class WaitingStore extends Store {
  #saving: Promise<void> = Promise.resolve();

  override note(text: string): void {
    this.#saving = this.save(text);
  }

  override async close(): Promise<void> {
    await this.#saving;
    await super.close();
  }
}
