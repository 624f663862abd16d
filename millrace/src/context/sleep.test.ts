import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { background, sleep, withCancel } from "./index.ts";
import { nodeOf } from "./node.ts";
import { timers } from "./testing/observe.ts";

describe("sleep", () => {
  test("185: waits its time, and not less", async () => {
    const startedAt = performance.now();
    await sleep(background, 20);
    assert.ok(performance.now() - startedAt >= 20);
    await sleep(background, 0);
    await sleep(background, -1);
  });

  test("192: rejects with the context's error when that ends first, and frees its timer", async () => {
    const before = timers();
    const ctx = withCancel(background);
    const sleeping = sleep(ctx, 60_000);
    assert.equal(timers(), before + 1);
    ctx.cancel("why");
    assert.equal(timers(), before);
    await assert.rejects(sleeping, (err) => err === ctx.err);
    await assert.rejects(sleep(ctx, 60_000), (err) => err === ctx.err);
    assert.equal(timers(), before);
  });

  test("leaves nothing on the context when it is over", async () => {
    using ctx = withCancel(background);
    await Promise.all([sleep(ctx, 1), sleep(ctx, 2), sleep(ctx, 0)]);
    assert.deepEqual([nodeOf(ctx).core.firstWaiter, nodeOf(ctx).core.lastWaiter], [null, null]);
  });
});
