import { getHeapStatistics } from "node:v8";
import { type Router, json } from "../http/index.ts";
import { REDACTED } from "../log/index.ts";
import { maskUrls } from "../secret/mask-urls.ts";
import { runningTasks } from "../task/index.ts";

type Vars = Readonly<Record<string, () => unknown>>;

/** varsRoute adds /debug/vars: the process's own values and the application's. Source: Go's expvar. */
export function varsRoute(router: Router, vars: Vars): void {
  let before = performance.eventLoopUtilization();
  router.get("/debug/vars", () => {
    const now = performance.eventLoopUtilization();
    const recent = performance.eventLoopUtilization(now, before);
    before = now;
    return json({
      pid: process.pid,
      uptimeSeconds: process.uptime(),
      versions: process.versions,
      memory: { ...process.memoryUsage(), heapLimit: getHeapStatistics().heap_size_limit },
      memoryLimit: limit(process.constrainedMemory()),
      cpuSeconds: seconds(process.cpuUsage()),
      eventLoop: { utilization: now.utilization, sinceLastAsked: recent.utilization },
      keptAliveBy: counted(process.getActiveResourcesInfo()),
      tasks: runningTasks().length,
      vars: Object.fromEntries(Object.entries(vars).map(([name, read]) => [name, shown(name, read)])),
    });
  });
}

// Without a limit Node gives 0, or 2^64.
function limit(bytes: number): number | null {
  return bytes > 0 && bytes < Number.MAX_SAFE_INTEGER ? bytes : null;
}

function seconds({ user, system }: NodeJS.CpuUsage): { readonly user: number; readonly system: number } {
  return { user: user / 1e6, system: system / 1e6 };
}

function counted(kinds: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
}

// One value that cannot be read or written must not cost the others.
function shown(name: string, read: () => unknown): unknown {
  try {
    const text = JSON.stringify(read(), (key, value: unknown) => plain(key === "" ? name : key, value));
    return text === undefined ? null : (JSON.parse(text) as unknown);
  } catch (err) {
    return { threw: maskUrls(String(err)) };
  }
}

const SECRET_NAMES = new Set(REDACTED.map(bare));

function plain(name: string, value: unknown): unknown {
  if (SECRET_NAMES.has(bare(name))) return "***";
  if (typeof value === "string") return maskUrls(value);
  return typeof value === "bigint" ? String(value) : value;
}

function bare(name: string): string {
  return name.replaceAll(/[-_]/g, "").toLowerCase();
}
