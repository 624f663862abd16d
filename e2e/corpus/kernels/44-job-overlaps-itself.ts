import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A scheduled import takes longer than usual, and the next one starts where it has started too. */
export const kernel: Kernel = {
  id: 44,
  name: "scheduled job overlaps itself",
  seen: [
    "kelektiv/node-cron#280",
    "kelektiv/node-cron#258",
    "node-cron/node-cron#424",
    "node-schedule/node-schedule#682",
  ],
  detectors: ["race", "explore"],
  buggy: (k) => scenario(k, new Importer(k)),
  fixed: (k) => scenario(k, new SkippingImporter(k)),
};

async function scenario(k: Environment, importer: Importer): Promise<void> {
  const tick = async (before: number): Promise<void> => {
    await calls(k, before);
    await importer.run();
  };
  await Promise.all([tick(0), tick(6), tick(12)]);
  assert.equal(new Set(importer.imported).size, importer.imported.length, "a row was imported twice");
}

class Importer {
  readonly imported: string[] = [];
  readonly #k: Environment;
  readonly #state: { cursor: number };

  constructor(k: Environment) {
    this.#k = k;
    this.#state = k.tracked({ cursor: 0 }, "import");
  }

  async run(): Promise<void> {
    const { cursor } = this.#state;
    const row = await this.#k.io(`row ${cursor}`);
    await this.#k.io("insert");
    this.imported.push(row);
    this.#state.cursor = cursor + 1;
  }
}

class SkippingImporter extends Importer {
  #running = false;

  override async run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      await super.run();
    } finally {
      this.#running = false;
    }
  }
}
