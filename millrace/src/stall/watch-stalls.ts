import { PerformanceObserver } from "node:perf_hooks";
import { Worker, isMainThread } from "node:worker_threads";
import { type Ctx, background } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { ASKED, HOOK, SEEN_MS, type WatchData, clockMs, newHeart } from "./heartbeat.ts";
import { LineLimit } from "./line-limit.ts";
import { type Stall, lineOf } from "./line.ts";
import { type Sample, takeSample } from "./sample.ts";
import { ThreadTime } from "./thread-time.ts";

const HOOK_KEY = Symbol.for(HOOK);
const MIN_THRESHOLD_MS = 50;
// Taken when the module loads: a test that mocks timers must not stop the heart.
const { setInterval: every, setImmediate: soon } = globalThis;

/** StallLog is where stalls are told of. */
export interface StallLog {
  warn(ctx: Ctx, message: string, attrs: Readonly<Record<string, unknown>>): void;
}

/** StallOptions say which stalls are told of, and where. */
export interface StallOptions {
  readonly log: StallLog;
  /** thresholdMs is how long the event loop must have stood still. Default: 200; minimum: 50. */
  readonly thresholdMs?: number;
}

/**
 * watchStalls logs a warning for every stall of the event loop: how long it was, the route and the request or the task that
 * has caused it, and where in the code. It names nobody without proof: who it was is known while `current` is on (see
 * enableCurrent); else, and where there is no proof, the line lists requests in flight. A garbage collection, a process
 * that was stopped, and a machine that had no processor for it are told of as such. One line a second: the longest, with
 * the number of the others.
 *
 * It watches the main thread, once per process ("stall/watched" otherwise), with a thread of its own. Dispose it to end that.
 */
export function watchStalls(options: StallOptions): StallWatch {
  const { log, thresholdMs = 200 } = options;
  if (!(thresholdMs >= MIN_THRESHOLD_MS)) {
    throw new RangeError(`stall: watchStalls: thresholdMs must be at least ${MIN_THRESHOLD_MS}, not ${thresholdMs}`);
  }
  if (!isMainThread) throw new Failure("stall: only the main thread is watched", { code: "failed_precondition" });
  if (HOOK_KEY in globalThis) {
    throw new Failure("stall: this process is watched already", { code: "already_exists", reason: "stall/watched" });
  }
  return new StallWatch(log, thresholdMs);
}

/** StallWatch watches until it is disposed. It does not keep the process alive. */
export class StallWatch implements Disposable {
  readonly #thresholdMs: number;
  readonly #log: StallLog;
  readonly #lines: LineLimit;
  readonly #beatMs: number;
  readonly #sampleMs: number;
  readonly #heart = newHeart();
  readonly #timer: NodeJS.Timeout;
  readonly #worker: Worker;
  readonly #collections: PerformanceObserver;
  readonly #time = new ThreadTime();
  #at = { ms: performance.now(), ...this.#time.now() };
  #samples: Sample[] = [];
  readonly #gcs: { readonly startTime: number; readonly duration: number }[] = [];
  // Set when the watching thread has ended.
  #alone = false;
  #closed = false;

  /** @internal use watchStalls */
  constructor(log: StallLog, thresholdMs: number) {
    this.#log = log;
    this.#thresholdMs = thresholdMs;
    this.#beatMs = thresholdMs / 4;
    this.#sampleMs = thresholdMs / 10;
    this.#lines = new LineLimit(log);
    const hook = (askedMs: number): void => {
      Atomics.store(this.#heart.cells, ASKED, 0);
      this.#samples.push(takeSample(askedMs, hook));
    };
    Object.defineProperty(globalThis, HOOK_KEY, { value: hook, configurable: true });
    this.#collections = new PerformanceObserver((list) => void this.#gcs.push(...list.getEntries()));
    this.#collections.observe({ entryTypes: ["gc"] });
    this.#worker = this.#startWorker();
    this.#timer = every(() => this.#beat(), this.#beatMs).unref();
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#collections.disconnect();
    this.#time[Symbol.dispose]();
    this.#lines.flush();
    void this.#worker.terminate();
    Reflect.deleteProperty(globalThis, HOOK_KEY);
  }

  #startWorker(): Worker {
    const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
    const workerData: WatchData = { heart: this.#heart, beatMs: this.#beatMs, sampleMs: this.#sampleMs };
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData,
      execArgv: [],
      name: "millrace stalls",
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
    worker.unref();
    // An error ends it, too.
    worker.once("error", (err) => {
      this.#alone = true;
      if (!this.#closed) this.#log.warn(background, "event loop: stalls are no longer named", { err });
    });
    return worker;
  }

  #beat(): void {
    const now = performance.now();
    const before = this.#at;
    const at = (this.#at = { ms: now, ...this.#time.now() });
    const seenMs = Atomics.exchange(this.#heart.cells, SEEN_MS, 0);
    this.#heart.beatAt[0] = clockMs();
    const samples = this.#samples;
    if (samples.length > 0) this.#samples = [];
    this.#lines.tick(now);
    const idleMs = at.idleMs - before.idleMs;
    // Between two beats the loop may have waited for something to do, but no longer than for the second of them.
    const durationMs = at.ms - before.ms - (idleMs < 2 * this.#beatMs ? idleMs : 0);
    if (durationMs < this.#thresholdMs) {
      this.#gcs.length = 0;
      return;
    }
    const stall: Stall = {
      beganAt: before.ms,
      endedAt: now,
      durationMs,
      cpuMs: at.cpuMs - before.cpuMs,
      waitedMs: at.waitedMs - before.waitedMs,
      seenMs: this.#alone ? durationMs : seenMs,
      samples,
      thresholdMs: this.#thresholdMs,
      sampleMs: this.#sampleMs,
    };
    // A collection is told of in the next turn, by an immediate that was set before the second of these.
    soon(() => soon(() => this.#tell(stall)));
  }

  #tell(stall: Stall): void {
    if (this.#closed) return;
    const collections = [...this.#gcs, ...this.#collections.takeRecords()];
    const within = collections.filter(({ startTime: at }) => at >= stall.beganAt && at < stall.endedAt);
    const gcMs = within.reduce((sum, { duration }) => sum + duration, 0);
    this.#lines.add(stall.durationMs, lineOf(stall, gcMs));
  }
}
