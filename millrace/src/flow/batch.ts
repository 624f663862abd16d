import { closed } from "../chan/index.ts";
import { type Ctx, withTimeout } from "../context/index.ts";
import { type Flow, checkCount, newFlow } from "./flow.ts";
import { type Reader, type Source, newReader } from "./source.ts";

/** BatchOptions says when a batch is given. */
export interface BatchOptions {
  /** size is how many values are in a full batch, 1 or more. */
  readonly size: number;
  /** withinMs is how long the first value of a batch waits for more. @default until the batch is full */
  readonly withinMs?: number;
}

/**
 * batch collects values: a batch is given when it is full, when its time is over, and when the source ends or fails.
 * No batch is empty. While the consumer is busy nothing is read.
 */
export function batch<T>(ctx: Ctx, source: Source<T>, options: BatchOptions): Flow<T[]> {
  const { size, withinMs = Infinity } = options;
  checkCount("batch", "size", size, 1);
  if (!(withinMs > 0)) throw new RangeError(`flow: batch: withinMs must be more than 0, got ${withinMs}`);
  const reader = newReader(source);
  return newFlow(ctx, "batch", 0, async (ctx, out) => {
    try {
      for (let open = true; open;) {
        const values: T[] = [];
        try {
          open = await fill(ctx, reader, values, size, withinMs);
        } finally {
          // Also when the source has failed: these came before that.
          if (values.length > 0) await out.send(ctx, values);
        }
      }
    } finally {
      await reader.close();
    }
  });
}

// False when the source has ended. True when the batch is full, and when its time or ctx is over: the send says that.
async function fill<T>(ctx: Ctx, reader: Reader<T>, values: T[], size: number, withinMs: number): Promise<boolean> {
  const first = await reader.next(ctx);
  if (first === closed) return false;
  values.push(first);
  using timed = withTimeout(ctx, withinMs);
  while (values.length < size) {
    try {
      const value = await reader.next(timed);
      if (value === closed) return false;
      values.push(value);
    } catch (err) {
      if (err !== timed.err) throw err;
      return true;
    }
  }
  return true;
}
