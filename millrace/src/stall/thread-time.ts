import { closeSync, openSync, readSync } from "node:fs";

/** Spent is what the main thread's time has been spent on since its start, in milliseconds. */
export interface Spent {
  /** cpuMs is how long it has run. */
  readonly cpuMs: number;
  /** idleMs is how long its loop has waited for something to do. */
  readonly idleMs: number;
  /** waitedMs is how long it could have run and no processor was free; 0 where the system does not tell. */
  readonly waitedMs: number;
}

/** ThreadTime tells what the main thread's time has been spent on. */
export class ThreadTime implements Disposable {
  readonly #fd = openSchedstat();
  readonly #buffer = Buffer.allocUnsafe(128);

  /** now tells it as of now, in about 3 µs. */
  now(): Spent {
    const { user, system } = process.threadCpuUsage();
    const { idle } = performance.eventLoopUtilization();
    return { cpuMs: (user + system) / 1000, idleMs: idle, waitedMs: this.#waitedMs() };
  }

  // Source: /proc/PID/schedstat in Linux's documentation of scheduler statistics: the second field, in nanoseconds.
  #waitedMs(): number {
    if (this.#fd === undefined) return 0;
    const size = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, 0);
    return Number(this.#buffer.toString("latin1", 0, size).split(" ")[1]) / 1e6 || 0;
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

function openSchedstat(): number | undefined {
  try {
    return openSync("/proc/self/schedstat", "r");
  } catch {
    return undefined;
  }
}
