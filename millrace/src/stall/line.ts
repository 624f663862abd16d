import { type Ctx, background } from "../context/index.ts";
import { type Sample, requestsInFlight } from "./sample.ts";
import { positionOf, shortStack } from "./stack.ts";
import { judge } from "./verdict.ts";
import { whoIs } from "./who.ts";

/** Stall is what is known of a stall when the event loop turns again. */
export interface Stall {
  /** beganAt is when the loop turned last, on the clock of performance.now(). */
  readonly beganAt: number;
  /** endedAt is when it turned again. */
  readonly endedAt: number;
  readonly durationMs: number;
  /** cpuMs is how long this thread has run meanwhile. */
  readonly cpuMs: number;
  /** waitedMs is how long it could have run meanwhile, and no processor was free. */
  readonly waitedMs: number;
  /** seenMs is how much of it the watching thread has seen. */
  readonly seenMs: number;
  readonly samples: readonly Sample[];
  readonly thresholdMs: number;
  readonly sampleMs: number;
}

/** Line is a line of the log. */
export interface Line {
  readonly ctx: Ctx;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** lineOf says what there is to say of a stall. */
export function lineOf(stall: Stall, gcMs: number): Line {
  const { durationMs, cpuMs, waitedMs, samples } = stall;
  const cause = causeOf(stall, gcMs);
  const base = {
    duration_ms: Math.round(durationMs),
    cause,
    cpu_ms: Math.round(cpuMs),
    gc_ms: Math.round(gcMs),
    waited_ms: Math.round(waitedMs),
  };
  if (cause !== "code") return { ctx: background, attrs: base };
  const { store, frames } = judge(samples, durationMs, stall.sampleMs);
  const where = { at: positionOf(frames), stack: shortStack(frames) || undefined };
  const who = whoIs(store);
  if (who === undefined)
    return { ctx: background, attrs: { ...base, ...where, requests_in_flight: inFlight(samples) } };
  const { ctx, request, task } = who;
  const route = request === undefined ? {} : { method: request.method, route: request.pattern };
  return { ctx, attrs: { ...base, ...route, ...(task === undefined ? {} : { task }), ...where } };
}

function causeOf({ durationMs, thresholdMs, cpuMs, waitedMs, seenMs }: Stall, gcMs: number): string {
  const half = durationMs / 2;
  // Neither of the two threads has run.
  if (seenMs < half && cpuMs < half) return "process stopped";
  // Without the rest it would have been a stall, too, or is most of it.
  if (durationMs - waitedMs - gcMs >= Math.min(half, thresholdMs)) return "code";
  return gcMs > waitedMs ? "garbage collection" : "no processor";
}

// Who may have been it, if nobody is proven to be.
function inFlight(samples: readonly Sample[]): string[] {
  const requests = samples.find((sample) => sample.requests.length > 0)?.requests ?? requestsInFlight();
  return requests.map((request) => request.describe());
}
