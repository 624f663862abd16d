import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A wait listens for its abort, does something else, and only then queues up: an abort in between removes nothing. */
export const kernel: Kernel = {
  id: 13,
  name: "abort before the waiter is queued",
  seen: ["photon-hq/imessage-kit#49"],
  detectors: ["deadlock"],
  buggy: (k) => scenario(k, new Limiter(k)),
  fixed: (k) => scenario(k, new CheckingLimiter(k)),
};

async function scenario(k: Environment, limiter: Limiter): Promise<void> {
  const user = new AbortController();
  const nobody = new AbortController();
  const send = async (before: number, work: number, { signal }: AbortController): Promise<void> => {
    await calls(k, before);
    await limiter.acquire(signal);
    await calls(k, work);
    limiter.release();
  };
  const leave = async (): Promise<void> => {
    await calls(k, 6);
    user.abort(new Error("the user has left"));
  };
  const left = send(1, 1, user).catch(() => undefined);
  await Promise.all([send(0, 9, nobody), left, leave(), send(8, 1, nobody)]);
}

class Limiter {
  readonly #k: Environment;
  readonly #waiting: (() => void)[] = [];
  #free = 1;

  constructor(k: Environment) {
    this.#k = k;
  }

  async acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = (): void => {
        const place = this.#waiting.indexOf(enter);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", onAbort);
      void this.#k.io("is the service up?").then(() => this.queue(enter, signal));
    });
  }

  queue(enter: () => void, _signal: AbortSignal): void {
    if (this.#free === 0) {
      this.#waiting.push(enter);
      return;
    }
    this.#free--;
    enter();
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}

class CheckingLimiter extends Limiter {
  override queue(enter: () => void, signal: AbortSignal): void {
    if (!signal.aborted) super.queue(enter, signal);
  }
}
