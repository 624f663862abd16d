import { readFileSync, readdirSync } from "node:fs";
import type { Registry } from "./registry.ts";

/**
 * runtimeProcess registers the metrics that every Prometheus client has, and Node's version. @internal
 * Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
export function runtimeProcess(registry: Registry): void {
  const cpu = (name: string, what: string, micros: () => number): void => {
    const help = `CPU time spent by the process${what}.`;
    registry.counter(`process_cpu_${name}seconds_total`, { help, unit: "seconds" }).readFrom(() => micros() / 1e6);
  };
  cpu("", "", () => process.cpuUsage().user + process.cpuUsage().system);
  cpu("user_", " itself", () => process.cpuUsage().user);
  cpu("system_", " in the system's calls", () => process.cpuUsage().system);
  registry
    .gauge("process_start_time_seconds", { help: "When the process was started, in Unix time.", unit: "seconds" })
    .set(performance.timeOrigin / 1000);
  registry
    .gauge("process_resident_memory_bytes", { help: "Memory that is really in use.", unit: "bytes" })
    .readFrom(() => process.memoryUsage.rss());
  descriptors(registry);
  registry
    .gauge("nodejs_active_resources", { help: "Handles and requests that keep the event loop alive." })
    .readFrom(() => process.getActiveResourcesInfo().length);
  registry
    .gaugeVec("nodejs_version_info", { help: "Node's version; always 1.", labels: ["version"] })
    .labels({ version: process.version })
    .set(1);
}

// Only Linux tells.
function descriptors(registry: Registry): void {
  let max: string | undefined;
  try {
    max = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
  } catch {
    return;
  }
  if (max !== undefined) registry.gauge("process_max_fds", { help: "File descriptors allowed." }).set(Number(max));
  registry
    .gauge("process_open_fds", { help: "File descriptors open." })
    // One is that of reading the folder.
    .readFrom(() => readdirSync("/proc/self/fd").length - 1);
}
