import { PerformanceObserver, constants } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { Registry } from "./registry.ts";

const KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weakcb",
};

/** runtimeHeap registers the heap and its collections. @internal */
export function runtimeHeap(registry: Registry): Disposable {
  const bytes = (name: string, help: string, read: () => number): void =>
    void registry.gauge(`nodejs_${name}_bytes`, { help, unit: "bytes" }).readFrom(read);
  bytes("heap_size_used", "Heap in use.", () => getHeapStatistics().used_heap_size);
  bytes("heap_size_total", "Heap taken from the system.", () => getHeapStatistics().total_heap_size);
  bytes(
    "heap_size_limit",
    "What the heap may grow to before the process ends.",
    () => getHeapStatistics().heap_size_limit,
  );
  bytes(
    "external_memory",
    "Memory outside of the heap that belongs to objects in it.",
    () => process.memoryUsage().external,
  );
  const durations = registry.histogramVec("nodejs_gc_duration_seconds", {
    help: "Pauses for garbage collection.",
    unit: "seconds",
    labels: ["kind"],
    buckets: [0.0001, 0.001, 0.01, 0.1, 1, 5],
  });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // What an entry of the type "gc" has: https://nodejs.org/api/perf_hooks.html#garbage-collection-gc-details
      const { detail } = entry as typeof entry & { readonly detail: { readonly kind: number } };
      durations.labels({ kind: KINDS[detail.kind] ?? "other" }).observe(entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  return { [Symbol.dispose]: () => observer.disconnect() };
}
