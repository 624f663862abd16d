import fc from "fast-check";
import { kernel } from "../kernel.ts";
import { printNanoseconds } from "../../lib/kernel.ts";

const COUNT = 500;

let seed = 0;
await printNanoseconds({ count: COUNT }, async () => {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    await scheduler.waitFor(kernel((value) => scheduler.schedule(Promise.resolve(value))));
  });
  await fc.assert(property, { numRuns: COUNT, seed: ++seed });
});
