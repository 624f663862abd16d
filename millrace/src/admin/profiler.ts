import { Session } from "node:inspector/promises";
import { type Ctx, sleep } from "../context/index.ts";
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

/** takeCpu profiles the thread that it is called on, until ms have passed or ctx ends: then it throws ctx's error. */
export async function takeCpu(ctx: Ctx, ms: number): Promise<Taken> {
  using inspector = connected();
  const { session } = inspector;
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: CPU_PERIOD_MICROS });
  const startedAt = performance.now();
  await session.post("Profiler.start");
  await sleep(ctx, ms);
  const { profile } = await session.post("Profiler.stop");
  const span = { durationMs: performance.now() - startedAt, endedAt: new Date() };
  return { profile, stacks: () => cpuStacks(profile, CPU_PERIOD_MICROS, span) };
}

/**
 * takeHeap samples what is allocated until ms have passed or ctx ends, then it throws ctx's error: by who has allocated
 * it, what is still there (a leak, if that grows), or all.
 */
export async function takeHeap(ctx: Ctx, ms: number, all: boolean): Promise<Taken> {
  using inspector = connected();
  const { session } = inspector;
  const startedAt = performance.now();
  await session.post("HeapProfiler.startSampling", {
    samplingInterval: HEAP_PERIOD_BYTES,
    includeObjectsCollectedByMajorGC: all,
    includeObjectsCollectedByMinorGC: all,
  });
  await sleep(ctx, ms);
  const { profile } = await session.post("HeapProfiler.stopSampling");
  const span = { durationMs: performance.now() - startedAt, endedAt: new Date() };
  const type = all ? "alloc_space" : "inuse_space";
  return { profile, stacks: () => heapStacks(profile, type, HEAP_PERIOD_BYTES, span) };
}

// Disconnecting ends what the session has begun, so a profile that nobody waits for costs nothing more.
function connected(): Disposable & { readonly session: Session } {
  const session = new Session();
  session.connect();
  return { session, [Symbol.dispose]: () => session.disconnect() };
}
