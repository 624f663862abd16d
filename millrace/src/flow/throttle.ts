import { closed } from "../chan/index.ts";
import { type Ctx, sleep } from "../context/index.ts";
import { type Flow, checkCount, newFlow } from "./flow.ts";
import { type Source, newReader } from "./source.ts";

/** ThrottleOptions is a rate. */
export interface ThrottleOptions {
  /** rate is how many values pass in perMs, spread evenly; more than 0. */
  readonly rate: number;
  /** perMs is the time that the rate is for. @default 1000 */
  readonly perMs?: number;
  /** burst is how many values may pass at once after a pause, 1 or more. @default 1 */
  readonly burst?: number;
}

/**
 * throttle passes values on at a rate: a value is taken from the source when it may pass, never before.
 * Source: the token bucket of golang.org/x/time/rate, kept as one time (GCRA).
 */
export function throttle<T>(ctx: Ctx, source: Source<T>, options: ThrottleOptions): Flow<T> {
  const { rate, perMs = 1000, burst = 1 } = options;
  if (!(rate > 0 && perMs > 0))
    throw new RangeError(`flow: throttle: want a rate above 0, got ${rate} per ${perMs} ms`);
  checkCount("throttle", "burst", burst, 1);
  const intervalMs = perMs / rate;
  const reader = newReader(source);
  return newFlow(ctx, "throttle", 0, async (ctx, out) => {
    // When the bucket is full again, on the clock of performance.now().
    let fullAt = 0;
    try {
      for (;;) {
        const waitMs = fullAt - (burst - 1) * intervalMs - performance.now();
        if (waitMs > 0) await sleep(ctx, waitMs);
        const value = await reader.next(ctx);
        if (value === closed) return;
        fullAt = Math.max(fullAt, performance.now()) + intervalMs;
        await out.send(ctx, value);
      }
    } finally {
      await reader.close();
    }
  });
}
