import { explore } from "millrace/test";
import { printNanoseconds } from "../../lib/kernel.ts";
import { kernel } from "../kernel.ts";

const COUNT = 1_000;

let seed = 0;
await printNanoseconds({ count: COUNT }, async () => {
  const { runs } = await explore(() => kernel(), { runs: COUNT, seed: ++seed });
  if (runs !== COUNT) throw new Error(`${runs} schedules`);
});
