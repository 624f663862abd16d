import assert from "node:assert/strict";
import { Gcra } from "millrace/resilience";
import { printNanoseconds } from "../../lib/kernel.ts";
import { KEYS } from "../kernels.ts";

const proven = new Gcra({ perSecond: 1, burst: 2 });
assert.deepEqual(
  ["a", "a", "a", "b"].map((key) => proven.tryTake(key)),
  [true, true, false, true],
);

const COUNT = 2_000_000;
const gcra = new Gcra({ perSecond: 1000, burst: 1000, maxKeys: 100_000 });
await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) gcra.tryTake(KEYS[i & 16_383]!);
});
