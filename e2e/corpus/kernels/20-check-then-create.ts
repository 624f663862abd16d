import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** Two builds look whether the folder is there, and make it. */
export const kernel: Kernel = {
  id: 20,
  name: "check, then create",
  seen: ["substack/node-mkdirp#92", "jonvuri/mkpath#1", "node-fs-extra#967", "Node.fz MKD"],
  detectors: ["explore"],
  buggy: (k) =>
    scenario(k, async (disk, path) => {
      if (!(await disk.exists(path))) await disk.mkdir(path);
    }),
  fixed: (k) =>
    scenario(k, async (disk, path) => {
      try {
        await disk.mkdir(path);
      } catch (err) {
        if ((err as NodeJS.ErrnoException).code !== "EEXIST") throw err;
      }
    }),
};

async function scenario(k: Environment, ensure: (disk: Disk, path: string) => Promise<void>): Promise<void> {
  const disk = new Disk(k);
  const build = async (before: number): Promise<void> => {
    await calls(k, before);
    await ensure(disk, "/dist");
    await disk.mkdir(`/dist/${before}`);
  };
  await Promise.all([build(0), build(5)]);
  assert.equal(disk.size, 3);
}

class Disk {
  readonly #k: Environment;
  readonly #folders = new Set<string>();

  constructor(k: Environment) {
    this.#k = k;
  }

  get size(): number {
    return this.#folders.size;
  }

  async exists(path: string): Promise<boolean> {
    await this.#k.io();
    return this.#folders.has(path);
  }

  async mkdir(path: string): Promise<void> {
    await this.#k.io();
    if (this.#folders.has(path)) throw Object.assign(new Error(`EEXIST: ${path}`), { code: "EEXIST" });
    this.#folders.add(path);
  }
}
