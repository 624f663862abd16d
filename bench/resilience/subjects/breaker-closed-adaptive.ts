import assert from "node:assert/strict";
import { background, withCancel } from "millrace/context";
import { AdaptiveBreaker } from "millrace/resilience";
import { type Call, failing, printCalls } from "../kernels.ts";

const ctx = withCancel(background);
const through = (breaker: AdaptiveBreaker): Call => {
  return (fn) => breaker.do(ctx, () => fn());
};

// It refuses by chance: the same is proven by how many are made.
const down = failing(1000);
const proven = through(new AdaptiveBreaker());
for (let i = 0; i < 1000; i++) await proven(down.fn).catch(() => undefined);
assert.ok(down.made < 50, `${down.made} of 1,000 were made`);
await printCalls(through(new AdaptiveBreaker()));
