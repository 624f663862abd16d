import { after, chan, select } from "millrace/chan";
import { background } from "millrace/context";
import { go } from "millrace/task";
import type { Environment, Kernel } from "../kernel.ts";

/** A request gives up after a time; the task that works for it then waits for ever to hand its answer over. */
export const kernel: Kernel = {
  id: 43,
  name: "nobody takes the late answer",
  seen: ["kubernetes/kubernetes#5316", "kubernetes/kubernetes#83333", "Tu et al., ASPLOS 2019, figure 1"],
  detectors: ["leak", "time"],
  buggy: (k) => scenario(k, 0),
  fixed: (k) => scenario(k, 1),
};

async function scenario(k: Environment, capacity: number): Promise<void> {
  const answer = chan<string>(capacity);
  void go(background, async (ctx) => {
    await k.sleep(20);
    await answer.send(ctx, "rows");
  });
  await k.sleep(5);
  await select(k.ctx, { answer, timeout: after(15) });
}
