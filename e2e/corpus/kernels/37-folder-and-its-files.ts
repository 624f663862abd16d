import assert from "node:assert/strict";
import type { Environment, Kernel } from "../kernel.ts";

/** A pattern names a folder and the files in it; all are deleted side by side, and some are gone when their turn comes. */
export const kernel: Kernel = {
  id: 37,
  name: "folder deleted beside its files",
  seen: ["sindresorhus/del#43", "tomusdrw/grunt-sync#41"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, (disk, paths) => Promise.all(paths.map((path) => remove(disk, path)))),
  fixed: (k) =>
    scenario(k, async (disk, paths) => {
      for (const path of paths) await remove(disk, path);
    }),
};

async function scenario(k: Environment, removeAll: (disk: Disk, paths: string[]) => Promise<unknown>): Promise<void> {
  const disk = new Disk(k, ["/out/a.js", "/out"]);
  await removeAll(disk, ["/out/a.js", "/out"]);
  assert.equal(disk.size, 0);
}

async function remove(disk: Disk, path: string): Promise<void> {
  const kind = await disk.stat(path);
  if (kind === "none") return;
  if (kind === "folder") for (const child of await disk.list(path)) await disk.unlink(child);
  await disk.unlink(path);
}

class Disk {
  readonly #k: Environment;
  readonly #paths: Set<string>;

  constructor(k: Environment, paths: string[]) {
    this.#k = k;
    this.#paths = new Set(paths);
  }

  get size(): number {
    return this.#paths.size;
  }

  async stat(path: string): Promise<"none" | "file" | "folder"> {
    await this.#k.io();
    if (!this.#paths.has(path)) return "none";
    return path.endsWith(".js") ? "file" : "folder";
  }

  async list(path: string): Promise<string[]> {
    await this.#k.io();
    return [...this.#paths].filter((other) => other.startsWith(`${path}/`));
  }

  async unlink(path: string): Promise<void> {
    await this.#k.io();
    if (!this.#paths.delete(path)) throw new Error(`ENOENT: ${path}`);
  }
}
