import assert from "node:assert/strict";
import { printNanoseconds } from "../../lib/kernel.ts";

const COUNT = 20_000;

const gone = new AbortController();
const proven = AbortSignal.any([gone.signal, AbortSignal.timeout(30_000)]);
gone.abort("gone");
assert.equal(proven.reason, "gone");

await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) {
    const disconnected = new AbortController();
    const signal = AbortSignal.any([disconnected.signal, AbortSignal.timeout(30_000)]);
    if (signal.aborted) throw signal.reason;
  }
});
