import type { Ctx } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { Reply, type Req, type Router, stream } from "../http/index.ts";
import { oneOf, wholeNumber } from "./query.ts";
import type { Taken } from "./profiler.ts";

const BOUNDS = { min: 1, max: 120 };
const CPU_SECONDS = 30;
const HEAP_SECONDS = 10;
// To write the profile, and to send it.
const REST_MS = 60_000;
// What V8 takes for a snapshot, by the heap's size: 9 to 12 times as much was measured, with heaps of 31 to 256 MB.
const SNAPSHOT_FACTOR = 12;
// A heap of gigabytes over a forwarded port.
const SNAPSHOT_MS = 15 * 60_000;

/**
 * profileRoutes adds /debug/pprof/profile, heap and allocs, as Go has them. One is taken at a time, since a second would
 * measure the first; a client that goes ends its own. What takes them is loaded when it is first asked for.
 */
export function profileRoutes(router: Router): void {
  const turn = new Turn();
  router.get("/debug/pprof/profile", async (ctx, req) => {
    const ms = durationOf(req, CPU_SECONDS);
    return await profiled(ctx, req, turn, { name: "cpu", extension: "cpuprofile", ms });
  });
  router.get("/debug/pprof/heap", async (ctx, req) => {
    const wanted = oneOf(req, "snapshot", ["0", "1", "force"]);
    if (wanted !== "0") return await snapshot(req, turn, wanted === "force");
    const ms = durationOf(req, HEAP_SECONDS);
    return await profiled(ctx, req, turn, { name: "heap", extension: "heapprofile", ms });
  });
  router.get("/debug/pprof/allocs", async (ctx, req) => {
    const ms = durationOf(req, HEAP_SECONDS);
    return await profiled(ctx, req, turn, { name: "allocs", extension: "heapprofile", ms });
  });
}

interface Wanted {
  readonly name: "cpu" | "heap" | "allocs";
  readonly extension: string;
  readonly ms: number;
}

async function profiled(ctx: Ctx, req: Req, turn: Turn, { name, extension, ms }: Wanted): Promise<Reply> {
  const format = oneOf(req, "format", [extension, "pprof", "html"]);
  req.setDeadline(performance.now() - req.startedAt + ms + REST_MS);
  using _turn = turn.take(name, ms);
  const { takeCpu, takeHeap } = await import("./profiler.ts");
  const taken = name === "cpu" ? await takeCpu(ctx, ms) : await takeHeap(ctx, ms, name === "allocs");
  if (format === "pprof") return download(await compressed(taken), "application/octet-stream", name, "pb.gz");
  if (format === "html") {
    const { flamePage } = await import("./flame.ts");
    return flamePage(name, taken.stacks());
  }
  return download(JSON.stringify(taken.profile), "application/json", name, extension);
}

async function compressed(taken: Taken): Promise<Uint8Array> {
  const [{ pprof }, { gzip }, { promisify }] = await Promise.all([
    import("./pprof.ts"),
    import("node:zlib"),
    import("node:util"),
  ]);
  return await promisify(gzip)(pprof(taken.stacks()));
}

// The process stands still until V8 has walked its heap; then it goes on, and the snapshot is sent bit by bit.
async function snapshot(req: Req, turn: Turn, force: boolean): Promise<Reply> {
  const { heapUsed } = process.memoryUsage();
  const needed = SNAPSHOT_FACTOR * heapUsed;
  const available = process.availableMemory();
  if (!force && needed > available) throw tooLarge(heapUsed, needed, available);
  req.setDeadline(SNAPSHOT_MS);
  const mine = turn.take("snapshot", 0);
  req.onFinish(() => mine[Symbol.dispose]());
  const { getHeapSnapshot } = await import("node:v8");
  const source = getHeapSnapshot();
  req.onFinish(() => source.destroy());
  return attached(stream(source, { type: "application/json" }), "heap", "heapsnapshot");
}

function tooLarge(heapUsed: number, needed: number, available: number): Failure {
  const [heap, wanted, there] = [heapUsed, needed, available].map((bytes) => `${Math.ceil(bytes / 1e6)} MB`);
  return new Failure("admin: a snapshot could get the process killed", {
    code: "failed_precondition",
    reason: "admin/too_little_memory",
    detail: `A snapshot of a heap of ${heap} may take ${wanted}, and there are ${there}: ?snapshot=force takes it all the same.`,
  });
}

function durationOf(req: Req, fallback: number): number {
  return wholeNumber(req, "seconds", { ...BOUNDS, fallback }) * 1000;
}

function download(body: string | Uint8Array, type: string, name: string, extension: string): Reply {
  return attached(new Reply(200, type, body), name, extension);
}

function attached(reply: Reply, name: string, extension: string): Reply {
  const at = new Date().toISOString().replaceAll(/[-:]|\..*/g, "");
  return reply.header("content-disposition", `attachment; filename="${name}-${process.pid}-${at}.${extension}"`);
}

/** Turn lets one profile be taken at a time. */
class Turn {
  #running: { readonly name: string; readonly until: number } | undefined = undefined;

  take(name: string, ms: number): Disposable {
    const running = this.#running;
    if (running !== undefined) {
      const left = Math.max(1, Math.ceil((running.until - performance.now()) / 1000));
      throw new Failure("admin: another profile is being taken", {
        code: "failed_precondition",
        reason: "admin/profile_running",
        detail: `A profile (${running.name}) is being taken, for about ${left} s more; one is taken at a time.`,
      });
    }
    const mine = (this.#running = { name, until: performance.now() + ms });
    return {
      [Symbol.dispose]: () => {
        if (this.#running === mine) this.#running = undefined;
      },
    };
  }
}
