import assert from "node:assert/strict";
import { Gcra } from "millrace/resilience";
import { printNanoseconds } from "../../lib/kernel.ts";

const COUNT = 200_000;
const gcra = new Gcra({ perSecond: 0.01, burst: 10, maxKeys: 10_000 });
let next = 0;
await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) gcra.tryTake(`client-${next++}`);
});
assert.equal(gcra.keys, 10_000);
