import { currentStore } from "../runtime/current.ts";
import { serving } from "../runtime/serving.ts";
import { clockMs } from "./heartbeat.ts";

/** PROMPT_MS is how long an interrupt takes at most that has not waited for native code, which cannot be interrupted. */
export const PROMPT_MS = 10;

const FRAMES = 32;
const MAX_REQUESTS = 10;

/** Sample is what the main thread found itself doing when it was asked. */
export interface Sample {
  readonly askedMs: number;
  readonly atMs: number;
  /** store is the context of the request or task that runs, if that is known. */
  readonly store: object | undefined;
  /** trace holds the stack, which is made text when it is read. */
  readonly trace: { readonly stack?: string };
  /** requests are some of those in flight, where it is not certain which one runs. */
  readonly requests: readonly { describe(): string }[];
}

/**
 * takeSample is called in an interrupt, on top of whatever runs: it is quick, calls no foreign code, and starts nothing.
 * below is the function whose frame is the last one that does not belong to what runs.
 */
export function takeSample(askedMs: number, below: (askedMs: number) => void): Sample {
  const trace: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  Error.captureStackTrace(trace, below);
  Error.stackTraceLimit = limit;
  const store = currentStore();
  const atMs = clockMs();
  const certain = store !== undefined && atMs - askedMs < PROMPT_MS;
  return { askedMs, atMs, store, trace, requests: certain ? [] : requestsInFlight() };
}

/** requestsInFlight are some of the requests that this process has not answered. */
export function requestsInFlight(): { describe(): string }[] {
  const found: { describe(): string }[] = [];
  for (const list of serving) found.push(...list.all().slice(0, MAX_REQUESTS - found.length));
  return found;
}
