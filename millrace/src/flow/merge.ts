import { type Sender, closed } from "../chan/index.ts";
import type { Ctx } from "../context/index.ts";
import { group } from "../task/index.ts";
import { type Flow, newFlow } from "./flow.ts";
import { type Reader, type Source, newReader } from "./source.ts";

/** merge gives the values of all sources as they come (fan-in), and ends when all of them have ended. */
export function merge<T>(ctx: Ctx, ...sources: readonly Source<T>[]): Flow<T> {
  const readers = sources.map((source) => newReader(source));
  return newFlow(ctx, "merge", 0, async (ctx, out) => {
    await using g = group(ctx);
    for (const reader of readers) await g.go((work) => forward(work, reader, ctx, out), { name: "merge source" });
    await g.wait();
  });
}

// Values that were read before another source failed are delivered: they are sent under the flow's context.
async function forward<T>(work: Ctx, reader: Reader<T>, ctx: Ctx, out: Sender<T>): Promise<void> {
  try {
    for (let v = await reader.next(work); v !== closed; v = await reader.next(work)) await out.send(ctx, v);
  } finally {
    await reader.close();
  }
}
