import assert from "node:assert/strict";
import type { Environment, Kernel } from "../kernel.ts";

/** A walk over folders runs each level through one limiter: the parents hold all places, the children wait for one. */
export const kernel: Kernel = {
  id: 8,
  name: "nested limiter starves itself",
  seen: ["sindresorhus/p-limit#91"],
  detectors: ["deadlock"],
  buggy: (k) =>
    scenario(k, async (limit, read) => {
      const walk = (path: string): Promise<number> =>
        limit(async () => {
          const children = await read(path);
          const sizes = await Promise.all(children.map(walk));
          return sizes.reduce((sum, size) => sum + size, 1);
        });
      return walk("/");
    }),
  fixed: (k) =>
    scenario(k, async (limit, read) => {
      const walk = async (path: string): Promise<number> => {
        const children = await limit(() => read(path));
        const sizes = await Promise.all(children.map(walk));
        return sizes.reduce((sum, size) => sum + size, 1);
      };
      return walk("/");
    }),
};

type Limit = <T>(fn: () => Promise<T>) => Promise<T>;
type Read = (path: string) => Promise<string[]>;

const TREE: Readonly<Record<string, string[]>> = { "/": ["/a", "/b"], "/a": ["/a/1"], "/b": ["/b/1"] };

async function scenario(k: Environment, walk: (limit: Limit, read: Read) => Promise<number>): Promise<void> {
  const count = await walk(limiter(2), (path) => k.io(TREE[path] ?? []));
  assert.equal(count, 5);
}

function limiter(places: number): Limit {
  const waiting: (() => void)[] = [];
  return async (fn) => {
    if (places > 0) places--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await fn();
    } finally {
      const next = waiting.shift();
      if (next === undefined) places++;
      else next();
    }
  };
}
