import type { Registry } from "./registry.ts";
import { runtimeEventLoop } from "./runtime-event-loop.ts";
import { runtimeHeap } from "./runtime-heap.ts";
import { runtimeProcess } from "./runtime-process.ts";
import { runtimeTasks } from "./runtime-tasks.ts";

/**
 * runtimeMetrics registers what the process itself tells: CPU, memory, descriptors, the event loop, garbage collection and
 * tasks, under the names that Prometheus' clients and prom-client's dashboards use; docs/reference/metrics.md lists them.
 * They are read at each scrape; in between there are a timer of 10 ms and an entry for each collection. Disposing it ends
 * both.
 */
export function runtimeMetrics(registry: Registry): Disposable {
  runtimeProcess(registry);
  runtimeTasks(registry);
  const owned = new DisposableStack();
  owned.use(runtimeEventLoop(registry));
  owned.use(runtimeHeap(registry));
  return owned;
}
