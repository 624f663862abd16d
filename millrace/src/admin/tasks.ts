import { type Reply, type Req, type Router, accepts, json, text } from "../http/index.ts";
import type { RequestInFlight } from "../http/node/index.ts";
import { type RunningTask, recordSpawns, recordingSpawns, runningTasks } from "../task/index.ts";
import type { RequestLister } from "./admin.ts";
import { invalid, oneOf } from "./query.ts";
import { countedText, fullText } from "./tasks-text.ts";

/** Dump is what a process is doing at one moment. */
export interface Dump {
  /** recordingSpawns says whether tasks that start now remember where. */
  readonly recordingSpawns: boolean;
  readonly tasks: readonly RunningTask[];
  /** requests are those in flight, of every server that is watched. */
  readonly requests: readonly (RequestInFlight & { readonly server: string })[];
}

// What a person or a tool can take in; all are counted.
const MAX_LISTED = 10_000;

/**
 * taskRoutes adds /debug/tasks. Like Go's goroutine profile it comes in full, a tree by who started whom, or with
 * `?debug=1` counted; as JSON with `?format=json` or by Accept. The process stands still for it, about 1 µs a task.
 */
export function taskRoutes(router: Router, watched: ReadonlyMap<string, RequestLister>): void {
  const dump = (asking: Req): Dump => ({
    recordingSpawns: recordingSpawns(),
    tasks: runningTasks(),
    requests: [...watched]
      .flatMap(([server, it]) => it.requests().map((request) => ({ server, ...request })))
      .filter(({ requestId }) => requestId !== asking.requestId),
  });
  router.get("/debug/tasks", (_ctx, req) => {
    const counted = oneOf(req, "debug", ["2", "1"]) === "1";
    if (wantsJson(req)) return listed(dump(req));
    return text(counted ? countedText(dump(req)) : fullText(dump(req), MAX_LISTED));
  });
  router.put("/debug/tasks", async (_ctx, req) => {
    const body = (await req.json()) as { readonly recordSpawns?: unknown } | null;
    const on = body?.recordSpawns;
    if (typeof on !== "boolean") throw invalid("recordSpawns", "must be true or false");
    recordSpawns(on);
    return json({ recordingSpawns: recordingSpawns() });
  });
}

/** wantsJson says whether a request asks for JSON and not for text. */
export function wantsJson(req: Req): boolean {
  req.setHeader("vary", "accept");
  if (req.query.has("format")) return oneOf(req, "format", ["text", "json"]) === "json";
  return accepts(req, ["text/plain", "application/json"]) === "application/json";
}

// Oldest first, so that the parent of each that is listed is listed too.
function listed(dump: Dump): Reply {
  const tasks = dump.tasks.slice(0, MAX_LISTED);
  return json({ ...dump, tasks, count: dump.tasks.length, omitted: dump.tasks.length - tasks.length });
}
