import type { Environment, Kernel } from "../kernel.ts";

/** Who gives up waiting for a permit by Promise.race still stands in the queue, and is given it. */
export const kernel: Kernel = {
  id: 12,
  name: "abandoned waiter takes the permit",
  seen: ["DirtyHairy/async-mutex, measured", "vercel/async-sema, measured"],
  detectors: ["deadlock", "time"],
  buggy: (k) => scenario(k, () => undefined),
  fixed: (k) =>
    scenario(k, (permits, acquired) => {
      void acquired.then(() => permits.release());
    }),
};

type GiveUp = (permits: Semaphore, acquired: Promise<boolean>) => void;

async function scenario(k: Environment, giveUp: GiveUp): Promise<void> {
  const permits = new Semaphore(1);
  const holder = async (): Promise<void> => {
    await permits.acquire();
    await k.sleep(30);
    permits.release();
  };
  const impatient = async (): Promise<void> => {
    await k.sleep(10);
    const acquired = permits.acquire().then(() => true);
    const inTime = await Promise.race([acquired, k.sleep(20).then(() => false)]);
    if (inTime) permits.release();
    else giveUp(permits, acquired);
  };
  const late = async (): Promise<void> => {
    await k.sleep(45);
    await permits.acquire();
    permits.release();
  };
  await Promise.all([holder(), impatient(), late()]);
}

class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  async acquire(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
