import assert from "node:assert/strict";
import { background, withCancel } from "millrace/context";
import { TokenBucket } from "millrace/resilience";
import { printTogether } from "../kernels.ts";

const ctx = withCancel(background);
const proven = new TokenBucket({ perSecond: 1, burst: 2 });
assert.deepEqual([proven.tryTake(), proven.tryTake(), proven.tryTake()], [true, true, false]);

const bucket = new TokenBucket({ perSecond: 1e9, burst: 1e6 });
await printTogether(async (fn) => {
  await bucket.wait(ctx);
  return fn();
}, 200);
