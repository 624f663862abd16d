import { background } from "../context/index.ts";
import type { Log } from "../log/index.ts";

/** Stuck is something that did not end within its stage's budget. */
export interface Stuck {
  readonly stage: "drain" | "cancel" | "close";
  readonly name: string;
  readonly waited_ms: number;
}

/** Stages runs the steps of a shutdown, and keeps which of them did not end in time. */
export class Stages {
  readonly stuck: Stuck[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** step waits for some work, but not longer than the limit. It never rejects: an error is logged. */
  async step(stage: Stuck["stage"], name: string, limitMs: number, work: () => unknown): Promise<void> {
    const startedAt = performance.now();
    const done = Promise.try(work).then(
      () => "done",
      (err: unknown) => this.#log.error(background, `app: could not ${stage} ${name}`, { err }),
    );
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(resolve, Math.max(0, limitMs), "late");
    const outcome = await Promise.race([done, late]);
    clearTimeout(timer);
    if (outcome === "late") this.stuck.push({ stage, name, waited_ms: Math.round(performance.now() - startedAt) });
  }
}
