import type { Ctx } from "../context/index.ts";
import type { Receiver } from "./chan.ts";
import { closed, empty } from "./sentinel.ts";

/** iterate receives until the channel is closed and drained. */
export async function* iterate<T>(ctx: Ctx, source: Receiver<T>): AsyncGenerator<T, void, undefined> {
  for (;;) {
    const value = await source.recv(ctx);
    if (value === closed) return;
    yield value;
  }
}

/** iterateBatches receives all that is there, 1 to max values, until the channel is closed and drained. */
export async function* iterateBatches<T>(
  ctx: Ctx,
  source: Receiver<T>,
  max: number,
): AsyncGenerator<T[], void, undefined> {
  if (!Number.isInteger(max) || max < 1) throw new RangeError(`chan: batches: want a max of 1 or more, got ${max}`);
  for (;;) {
    const first = await source.recv(ctx);
    if (first === closed) return;
    const batch: T[] = [first];
    while (batch.length < max) {
      const value = source.tryRecv();
      if (value === empty || value === closed) break;
      batch.push(value);
    }
    yield batch;
  }
}
