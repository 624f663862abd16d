import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** The acquire stands inside of the try: when it fails, a permit is released that was never had. */
export const kernel: Kernel = {
  id: 34,
  name: "over-release admits too many",
  seen: ["vercel/async-sema, measured", "DirtyHairy/async-mutex, measured"],
  detectors: ["explore"],
  buggy: (k) =>
    scenario(k, async (permits, signal, work) => {
      try {
        await permits.acquire(signal);
        await work();
      } finally {
        permits.release();
      }
    }),
  fixed: (k) =>
    scenario(k, async (permits, signal, work) => {
      await permits.acquire(signal);
      try {
        await work();
      } finally {
        permits.release();
      }
    }),
};

type Run = (permits: Semaphore, signal: AbortSignal, work: () => Promise<void>) => Promise<void>;

async function scenario(k: Environment, run: Run): Promise<void> {
  const permits = new Semaphore(1);
  const user = new AbortController();
  const nobody = new AbortController();
  let working = 0;
  const task = async (before: number, { signal }: AbortController): Promise<void> => {
    await calls(k, before);
    await run(permits, signal, async () => {
      assert.equal(++working, 1, "two at once with one permit");
      await calls(k, 2);
      working--;
    });
  };
  const leave = async (): Promise<void> => {
    await calls(k, 12);
    user.abort(new Error("the user has left"));
  };
  const left = task(1, user).catch((err: unknown) => {
    if (err instanceof assert.AssertionError) throw err;
  });
  await Promise.all([task(0, nobody), left, leave(), task(2, nobody), task(4, nobody)]);
}

class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  acquire(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        const place = this.#waiting.indexOf(resolve);
        if (place < 0) return;
        this.#waiting.splice(place, 1);
        reject(signal.reason as Error);
      });
      if (this.#free === 0) {
        this.#waiting.push(resolve);
        return;
      }
      this.#free--;
      resolve();
    });
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
