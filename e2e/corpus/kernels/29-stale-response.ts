import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** The suggestions for what was typed first come last, and replace those for what was typed last. */
export const kernel: Kernel = {
  id: 29,
  name: "stale response overwrites a newer",
  seen: ["fast-check examples/005-race/autocomplete", "linter-stylint (nacd LST)"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, new Field(k)),
  fixed: (k) => scenario(k, new CountingField(k)),
};

async function scenario(k: Environment, field: Field): Promise<void> {
  const first = field.type("re");
  await k.io("a key stroke");
  const second = field.type("react");
  await Promise.all([first, second]);
  assert.equal(field.shown, "results of react");
}

class Field {
  shown = "";
  readonly #k: Environment;

  constructor(k: Environment) {
    this.#k = k;
  }

  async type(text: string): Promise<void> {
    this.shown = await this.search(text);
  }

  async search(text: string): Promise<string> {
    await calls(this.#k, 3);
    return `results of ${text}`;
  }
}

class CountingField extends Field {
  #latest = 0;

  override async type(text: string): Promise<void> {
    const own = ++this.#latest;
    const results = await this.search(text);
    if (own === this.#latest) this.shown = results;
  }
}
