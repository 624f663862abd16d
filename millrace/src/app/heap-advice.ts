import { containerLimit, heapLimit } from "../middleware/memory-in-use.ts";

/** Advice is what is wrong with the heap's limit, and what to do. */
export interface Advice {
  readonly why: string;
  readonly heap_mb: number;
  readonly container_mb: number;
  readonly hint: string;
}

/** heapAdvice says if the heap may grow beyond the container, or is far from filling it; nothing without a container. */
export function heapAdvice(
  heap: number = heapLimit(),
  container: number | undefined = containerLimit(),
): Advice | undefined {
  if (container === undefined || (heap <= container && heap >= container / 4)) return undefined;
  return {
    why:
      heap > container ? "the heap's limit is above the container's" : "the heap's limit is far below the container's",
    heap_mb: Math.round(heap / 2 ** 20),
    container_mb: Math.round(container / 2 ** 20),
    hint: "NODE_OPTIONS=--max-old-space-size-percentage=75",
  };
}
