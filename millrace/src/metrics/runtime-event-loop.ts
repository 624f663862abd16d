import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Registry } from "./registry.ts";

const RESOLUTION_MS = 10;
// One scrape reads several values of one moment.
const SCRAPE_MS = 100;

/** runtimeEventLoop registers how late the event loop is, and for how long it is busy. @internal */
export function runtimeEventLoop(registry: Registry): Disposable {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const window = windowOf(delay);
  const gauge = (name: string, what: string, read: (delays: Delays) => number): void => {
    const help = `${what} of the event loop's delays since the last scrape, measured every ${RESOLUTION_MS} ms.`;
    registry.gauge(`nodejs_eventloop_lag_${name}seconds`, { help, unit: "seconds" }).readFrom(() => read(window()));
  };
  gauge("mean_", "Mean", (delays) => delays.mean);
  gauge("max_", "Maximum", (delays) => delays.max);
  gauge("p50_", "Median", (delays) => delays.p50);
  gauge("p90_", "90th percentile", (delays) => delays.p90);
  gauge("p99_", "99th percentile", (delays) => delays.p99);
  const time = registry.counterVec("nodejs_eventloop_time_seconds_total", {
    help: "Time that the event loop has run code, and waited; active by both is its utilisation.",
    unit: "seconds",
    labels: ["state"],
  });
  for (const state of ["active", "idle"] as const) {
    time.labels({ state }).readFrom(() => performance.eventLoopUtilization()[state] / 1000);
  }
  return { [Symbol.dispose]: () => void delay.disable() };
}

interface Delays {
  readonly mean: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

const NONE: Delays = { mean: 0, max: 0, p50: 0, p90: 0, p99: 0 };

// The delays since the last time, in seconds. What is measured is how long a timer took, its own time included.
function windowOf(delay: ReturnType<typeof monitorEventLoopDelay>): () => Delays {
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
  let last = NONE;
  let readAt = -Infinity;
  return () => {
    if (performance.now() - readAt < SCRAPE_MS) return last;
    readAt = performance.now();
    last = NONE;
    if (delay.count > 0) {
      const at = (percentile: number): number => late(delay.percentile(percentile));
      last = { mean: late(delay.mean), max: late(delay.max), p50: at(50), p90: at(90), p99: at(99) };
    }
    delay.reset();
    return last;
  };
}
