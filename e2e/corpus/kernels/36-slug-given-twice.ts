import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A slug is free until the post that uses it is stored; posts that are stored side by side get the same one. */
export const kernel: Kernel = {
  id: 36,
  name: "slug given twice",
  seen: ["TryGhost/Ghost#4697", "TryGhost/Ghost#1834"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, (posts) => Promise.all(posts.map((add) => add()))),
  fixed: (k) =>
    scenario(k, async (posts) => {
      for (const add of posts) await add();
    }),
};

type Add = () => Promise<void>;

async function scenario(k: Environment, importAll: (posts: Add[]) => Promise<unknown>): Promise<void> {
  const blog = new Blog(k);
  await importAll([() => blog.add("News"), () => blog.add("Untitled", 6), () => blog.add("News", 6)]);
  assert.deepEqual(blog.slugs, ["news", "news-2", "untitled"]);
}

class Blog {
  readonly #k: Environment;
  readonly #posts = new Map<string, string>();

  constructor(k: Environment) {
    this.#k = k;
  }

  get slugs(): string[] {
    return [...this.#posts.keys()].toSorted();
  }

  async add(title: string, images = 0): Promise<void> {
    await calls(this.#k, images);
    const slug = await this.#freeSlug(title.toLowerCase());
    await this.#k.io("render");
    await this.#k.io();
    assert.ok(!this.#posts.has(slug), `UNIQUE constraint failed: posts.slug ${slug}`);
    this.#posts.set(slug, title);
  }

  async #freeSlug(base: string): Promise<string> {
    for (let n = 1; ; n++) {
      const slug = n === 1 ? base : `${base}-${n}`;
      if (!(await this.#k.io(this.#posts.has(slug)))) return slug;
    }
  }
}
