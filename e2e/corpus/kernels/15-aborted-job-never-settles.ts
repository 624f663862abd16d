import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A job that is aborted in the queue is taken out of it, and its promise stays pending. */
export const kernel: Kernel = {
  id: 15,
  name: "aborted job never settles",
  seen: ["sindresorhus/p-queue#241", "milaboratory/platforma#1686"],
  detectors: ["leak"],
  buggy: (k) => scenario(k, new Queue()),
  fixed: (k) => scenario(k, new RejectingQueue()),
};

async function scenario(k: Environment, queue: Queue): Promise<void> {
  const user = new AbortController();
  const first = queue.add(() => calls(k, 2));
  // A request of its own, which the server does not wait for.
  const request = async (): Promise<string> => {
    try {
      await queue.add(() => k.io(), user.signal);
      return "200";
    } catch {
      return "499";
    }
  };
  void request();
  const leave = async (): Promise<void> => {
    await calls(k, 8);
    user.abort(new Error("the user has left"));
  };
  await Promise.all([first, leave()]);
}

interface Job {
  readonly run: () => Promise<void>;
  readonly reject: (err: unknown) => void;
}

class Queue {
  readonly #jobs: Job[] = [];
  #busy = false;

  add(fn: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const job = { run: () => fn().then(resolve, reject), reject };
      this.#jobs.push(job);
      signal?.addEventListener("abort", () => {
        const place = this.#jobs.indexOf(job);
        if (place < 0) return;
        this.#jobs.splice(place, 1);
        this.dropped(job, signal);
      });
      void this.#work();
    });
  }

  dropped(_job: Job, _signal: AbortSignal): void {}

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) await job.run();
    this.#busy = false;
  }
}

class RejectingQueue extends Queue {
  override dropped(job: Job, signal: AbortSignal): void {
    job.reject(signal.reason);
  }
}
