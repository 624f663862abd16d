import assert from "node:assert/strict";
import { Mutex } from "millrace/sync";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** Two servers put their routes into one file: each reads it, adds its own, and writes it back. */
export const kernel: Kernel = {
  id: 1,
  name: "lost update",
  seen: ["hosenur/portal#39", "NodeCB study (ASE 2017)"],
  detectors: ["race", "explore"],
  buggy: (k) => scenario(k, new Registry(k)),
  fixed: (k) => scenario(k, new LockedRegistry(k)),
};

async function scenario(k: Environment, registry: Registry): Promise<void> {
  const boot = async (route: string, before: number): Promise<void> => {
    await calls(k, before);
    await registry.add(route);
  };
  await Promise.all([boot("/web", 0), boot("/api", 6)]);
  assert.deepEqual((await registry.read()).toSorted(), ["/api", "/web"], "a route is gone");
}

class Registry {
  readonly k: Environment;
  readonly #file: { text: string };

  constructor(k: Environment) {
    this.k = k;
    this.#file = k.tracked({ text: "[]" }, "routes.json");
  }

  async read(): Promise<string[]> {
    await this.k.io();
    return JSON.parse(this.#file.text) as string[];
  }

  async add(route: string): Promise<void> {
    const routes = await this.read();
    routes.push(route);
    await this.k.io();
    this.#file.text = JSON.stringify(routes);
  }
}

class LockedRegistry extends Registry {
  readonly #lock = new Mutex();

  override add(route: string): Promise<void> {
    return this.#lock.withLock(this.k.ctx, () => super.add(route));
  }
}
