import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A free port is found by binding one and letting it go; until it is bound again, it is free for the next one too. */
export const kernel: Kernel = {
  id: 21,
  name: "same free port twice",
  seen: ["sindresorhus/get-port#23", "sindresorhus/get-port#36", "nacd GPT"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, (system) => system.freePort()),
  fixed: (k) => {
    const given = new Set<number>();
    return scenario(k, (system) => system.freePort(given));
  },
};

async function scenario(k: Environment, getPort: (system: System) => Promise<number>): Promise<void> {
  const system = new System(k);
  const start = async (before: number): Promise<void> => {
    await calls(k, before);
    const port = await getPort(system);
    await k.io("read the configuration");
    await system.listen(port);
  };
  await Promise.all([start(0), start(7)]);
}

class System {
  readonly #k: Environment;
  readonly #bound = new Set<number>();

  constructor(k: Environment) {
    this.#k = k;
  }

  /** freePort gives none that is in `given`, and puts its own there. */
  async freePort(given: Set<number> = new Set()): Promise<number> {
    await this.#k.io();
    let port = 3000;
    while (this.#bound.has(port) || given.has(port)) port++;
    this.#bound.add(port);
    given.add(port);
    await this.#k.io("close");
    this.#bound.delete(port);
    return port;
  }

  async listen(port: number): Promise<void> {
    await this.#k.io();
    assert.ok(!this.#bound.has(port), `EADDRINUSE: ${port}`);
    this.#bound.add(port);
  }
}
