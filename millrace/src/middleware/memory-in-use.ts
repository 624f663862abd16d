import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";

const MiB = 2 ** 20;

/** containerLimit is how many bytes the process's cgroup (v1 or v2) may use, undefined if it has no limit. @internal */
export function containerLimit(): number | undefined {
  // Without a limit it is 0, or a number beyond any memory.
  const bytes = process.constrainedMemory();
  return bytes > 0 && bytes <= totalmem() ? bytes : undefined;
}

/**
 * heapLimit is how many bytes the old generation may hold: what V8 dies of. V8 tells the limit of the whole heap, which
 * counts three young generations that are never full at once. @internal
 */
export function heapLimit(): number {
  const whole = getHeapStatistics().heap_size_limit;
  return whole - Math.min(young(whole), 0.6 * whole);
}

/**
 * newMemoryInUse makes a function that says what part of the memory is in use, the larger of two: of the heap's limit, and
 * of the container's. It takes 4 µs. @internal
 */
export function newMemoryInUse(): () => number {
  const heap = heapLimit();
  const container = containerLimit();
  return () => {
    const ofHeap = getHeapStatistics().used_heap_size / heap;
    return container === undefined ? ofHeap : Math.max(ofHeap, process.memoryUsage.rss() / container);
  };
}

// V8 makes a semi-space a 128th of the memory, 2 to 32 MiB, unless a flag says otherwise; the young generation is three.
function young(whole: number): number {
  const flags = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].join(" ");
  const semiSpace = /--max[-_]semi[-_]space[-_]size[= ](\d+)/.exec(flags)?.[1];
  if (semiSpace !== undefined) return 3 * Number(semiSpace) * MiB;
  if (/--max[-_]heap[-_]size/.test(flags)) return whole / 8;
  return 3 * Math.min(Math.max((containerLimit() ?? totalmem()) / 128, 2 * MiB), 32 * MiB);
}
