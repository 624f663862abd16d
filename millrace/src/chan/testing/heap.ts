import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type CancelCtx, background, withCancel, withTimeout } from "../../context/index.ts";
import { after, chan, closed, select } from "../index.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** heapUsed is the size of the live heap. */
export async function heapUsed(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await setImmediate();
    gc();
  }
  return process.memoryUsage().heapUsed;
}

/** mixedOperations makes n sends, receives and selects with random cancels, and ends with everything unparked. */
export async function mixedOperations(n: number, seed: number): Promise<void> {
  let state = seed;
  const below = (max: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % max;
  };
  const root = withCancel(background);
  const chans = [0, 1, 3].map((capacity) => chan<{ i: number }>(capacity));
  const live: CancelCtx[] = [];
  const ignore = (): void => {};
  for (let i = 0; i < n; i++) {
    const ctx = below(4) === 0 ? withTimeout(root, 60_000) : withCancel(root);
    live.push(ctx);
    const ch = chans[below(3)]!;
    const op = below(4);
    if (op === 0) ch.send(ctx, { i }).catch(ignore);
    else if (op === 1) ch.recv(ctx).catch(ignore);
    else if (op === 2) select(ctx, { ch, put: chans[below(3)]!.onSend({ i }), late: after(60_000) }).catch(ignore);
    else live.splice(below(live.length), 1)[0]!.cancel();
    if (live.length > 200) for (const old of live.splice(0, 100)) old.cancel();
    if (i % 50 === 0) await setImmediate();
  }
  root.cancel();
  await setImmediate();
  for (const ch of chans) {
    ch.close();
    while (ch.tryRecv() !== closed);
  }
}
