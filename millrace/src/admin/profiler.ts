import { Session } from "node:inspector/promises";
import { type Ctx, afterDone, sleep, withCancel } from "../context/index.ts";
import { type Stacks, cpuStacks, heapStacks } from "./stacks.ts";

/** Taken is a profile as V8 gives it, and how to read it. */
export interface Taken {
  readonly profile: object;
  stacks(): Stacks;
}

// V8's own default: fine enough for a second, and a few percent of overhead.
const CPU_PERIOD_MICROS = 1000;
// V8's own default, too.
const HEAP_PERIOD_BYTES = 32_768;

/** Until is how long a profile takes: ms, or less when closing ends before. When ctx ends, nobody wants it any more. */
export interface Until {
  readonly ctx: Ctx;
  readonly closing: Ctx;
  readonly ms: number;
}

/** takeCpu profiles the thread that it is called on. Throws ctx's error if that ends. */
export async function takeCpu(until: Until): Promise<Taken> {
  using inspector = connected();
  const { session } = inspector;
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: CPU_PERIOD_MICROS });
  const startedAt = performance.now();
  await session.post("Profiler.start");
  await passed(until);
  const { profile } = await session.post("Profiler.stop");
  const span = { durationMs: performance.now() - startedAt, endedAt: new Date() };
  return { profile, stacks: () => cpuStacks(profile, CPU_PERIOD_MICROS, span) };
}

/**
 * takeHeap samples what is allocated meanwhile, by who has allocated it: what is still there (a leak, if that grows), or
 * all. Throws ctx's error if that ends.
 */
export async function takeHeap(until: Until, all: boolean): Promise<Taken> {
  using inspector = connected();
  const { session } = inspector;
  const startedAt = performance.now();
  await session.post("HeapProfiler.startSampling", {
    samplingInterval: HEAP_PERIOD_BYTES,
    includeObjectsCollectedByMajorGC: all,
    includeObjectsCollectedByMinorGC: all,
  });
  await passed(until);
  const { profile } = await session.post("HeapProfiler.stopSampling");
  const span = { durationMs: performance.now() - startedAt, endedAt: new Date() };
  const type = all ? "alloc_space" : "inuse_space";
  return { profile, stacks: () => heapStacks(profile, type, HEAP_PERIOD_BYTES, span) };
}

async function passed({ ctx, closing, ms }: Until): Promise<void> {
  using waiting = withCancel(ctx);
  using _early = afterDone(closing, () => waiting.cancel());
  try {
    await sleep(waiting, ms);
  } catch (err) {
    if (ctx.err !== undefined) throw err;
  }
}

// Disconnecting ends what the session has begun, so a profile that nobody waits for costs nothing more.
function connected(): Disposable & { readonly session: Session } {
  const session = new Session();
  session.connect();
  return { session, [Symbol.dispose]: () => session.disconnect() };
}
