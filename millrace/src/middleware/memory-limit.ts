import { Failure } from "../errors/index.ts";
import { type Middleware, middleware, problem } from "../http/index.ts";
import { newMemoryInUse } from "./memory-in-use.ts";

/** MemoryLimitOptions say when a process has too little memory left to take on more. */
export interface MemoryLimitOptions {
  /** threshold is the part of the memory in use from which requests are shed. Default: 0.9. */
  readonly threshold?: number;
  /** resume is the part below which they are let in again, the threshold if that is less. Default: 0.85. */
  readonly resume?: number;
  /** retryAfterSeconds is what who is shed is told. Default: 2. */
  readonly retryAfterSeconds?: number;
  /** except are paths that pass. Default: ["/health", "/healthz", "/readyz", "/startupz"]. */
  readonly except?: readonly string[];
}

// How old a sample may get: taking one costs as much as a tenth of a request.
const SAMPLE_MS = 100;

/**
 * memoryLimit sheds with 503 and Retry-After while too much memory is in use: of the heap's limit, of which V8 ends the
 * process, or of the container's, of which the kernel does. The memory is looked at every 100 ms while requests come, so
 * it must not be that requests fill the last tenth in less: bound what each may take, and how many run (inFlightLimit).
 * Used twice, each looks for itself.
 */
export function memoryLimit(options: MemoryLimitOptions = {}): Middleware {
  return shedAbove(options, newMemoryInUse());
}

/** shedAbove is memoryLimit with what says how much is in use, a part of 1. @internal */
export function shedAbove(options: MemoryLimitOptions, inUse: () => number): Middleware {
  const { threshold = 0.9, resume = 0.85, retryAfterSeconds = 2 } = options;
  const { except = ["/health", "/healthz", "/readyz", "/startupz"] } = options;
  if (!(threshold > 0 && threshold <= 1))
    throw new RangeError(`memoryLimit: threshold must be above 0 and at most 1, not ${threshold}`);
  if (!(resume > 0 && resume <= 1))
    throw new RangeError(`memoryLimit: resume must be above 0 and at most 1, not ${resume}`);
  if (!Number.isSafeInteger(retryAfterSeconds) || retryAfterSeconds < 1)
    throw new RangeError(`memoryLimit: retryAfterSeconds must be at least 1, not ${retryAfterSeconds}`);
  const retryAfter = String(retryAfterSeconds);
  const spared = new Set(except);
  let sampledAt = -Infinity;
  let shedding = false;
  return middleware({}, (next) => (ctx, req) => {
    // The request's own time: no clock is read for this.
    if (req.startedAt - sampledAt >= SAMPLE_MS) {
      sampledAt = req.startedAt;
      shedding = inUse() >= (shedding ? Math.min(resume, threshold) : threshold);
    }
    if (!shedding || spared.has(req.path)) return next(ctx, req);
    return problem(req, SHED).header("retry-after", retryAfter);
  });
}

const SHED = new Failure("http: too little memory is left", {
  code: "unavailable",
  reason: "http/memory",
  detail: "The service is overloaded; see Retry-After.",
});
