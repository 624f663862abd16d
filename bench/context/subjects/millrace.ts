import assert from "node:assert/strict";
import { background, withTimeout } from "millrace/context";
import { printNanoseconds } from "../../lib/kernel.ts";

const COUNT = 200_000;

const proven = withTimeout(background, 30_000);
proven.cancel("gone");
assert.equal(proven.cause, "gone");
assert.notEqual(proven.err, undefined);

await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) {
    using ctx = withTimeout(background, 30_000);
    if (ctx.err !== undefined) throw ctx.err;
  }
});
