import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** All who ask for a page before it is in the cache render it. */
export const kernel: Kernel = {
  id: 3,
  name: "cache stampede",
  seen: ["c2siorg/Webiu#531", "alookai/alook#157"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, new Cache(k)),
  fixed: (k) => scenario(k, new SingleCache(k)),
};

async function scenario(k: Environment, cache: Cache): Promise<void> {
  const visit = async (before: number): Promise<string> => {
    await calls(k, before);
    return cache.get("/");
  };
  const pages = await Promise.all([visit(0), visit(4), visit(8)]);
  assert.deepEqual(pages, ["page /", "page /", "page /"]);
  assert.equal(cache.rendered, 1, "the page was rendered more than once");
}

class Cache {
  rendered = 0;
  readonly k: Environment;
  readonly #pages = new Map<string, string>();

  constructor(k: Environment) {
    this.k = k;
  }

  async get(path: string): Promise<string> {
    const hit = this.#pages.get(path);
    if (hit !== undefined) return hit;
    const page = await this.render(path);
    this.#pages.set(path, page);
    return page;
  }

  async render(path: string): Promise<string> {
    this.rendered++;
    const page = await this.k.io(`page ${path}`);
    await this.k.io();
    return page;
  }
}

class SingleCache extends Cache {
  readonly #pages = new Map<string, Promise<string>>();

  override get(path: string): Promise<string> {
    let page = this.#pages.get(path);
    if (page === undefined) this.#pages.set(path, (page = this.render(path)));
    return page;
  }
}
