import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { background, withCancel } from "../context/index.ts";
import { nodeOf } from "../context/node.ts";
import { running } from "../runtime/registry.ts";
import { WaitGroup } from "./index.ts";
import { canceled, reason, states, turn, watch } from "./testing/settle.ts";

describe("WaitGroup", () => {
  test("111: wait at 0 returns at once, but not for a done context", async () => {
    const wg = new WaitGroup();
    await wg.wait(background);
    const ctx = canceled();
    await assert.rejects(wg.wait(ctx), (err) => err === ctx.err);
  });

  test("112: a negative count throws, and is not counted", async () => {
    const wg = new WaitGroup();
    const negative = reason("sync/negative_wait_group");
    assert.throws(() => wg.done(), negative);
    wg.add(2);
    assert.throws(() => wg.add(-3), negative);
    wg.add(-2);
    assert.throws(() => wg.done(), negative);
    await wg.wait(background);
  });

  for (const n of [NaN, 0.5, Infinity]) {
    test(`112: ${n} is no count`, () => assert.throws(() => new WaitGroup().add(n), RangeError));
  }

  test("113: all waiters are released at 0, none before; as Go's TestWaitGroup, eight rounds", async () => {
    const [first, second] = [new WaitGroup(), new WaitGroup()];
    for (let round = 0; round < 8; round++) {
      const n = 16;
      first.add(n);
      second.add(n);
      let exited = 0;
      for (let i = 0; i < n; i++) {
        void (async () => {
          first.done();
          await second.wait(background);
          exited++;
        })();
      }
      await first.wait(background);
      for (let i = 0; i < n; i++) {
        await turn();
        assert.equal(exited, 0, "released too soon");
        second.done();
      }
      await turn();
      assert.equal(exited, n);
    }
  });

  test("114: who adds before those who waited have returned is told so", async () => {
    const wg = new WaitGroup();
    const reused = reason("sync/wait_group_reused");
    wg.add(1);
    const waits = [wg.wait(background), wg.wait(background)];
    const seen: string[] = [];
    const first = async (): Promise<void> => {
      await waits[0];
      seen.push("first");
      // The second has not returned.
      assert.throws(() => wg.add(1), reused);
    };
    const second = async (): Promise<void> => {
      await waits[1];
      seen.push("second");
      wg.add(1);
    };
    const both = Promise.all([first(), second()]);
    wg.done();
    assert.throws(() => wg.add(1), reused);
    assert.throws(() => wg.go(() => {}), reused);
    wg.add(0);
    await both;
    assert.deepEqual(seen, ["first", "second"]);
    wg.done();
    await wg.wait(background);
  });

  test("115: go counts, starts in a microtask, and is done when the function is", async () => {
    const wg = new WaitGroup();
    const seen: string[] = [];
    const before = running().length;
    let finish: () => void = () => {};
    wg.go(async function tidy() {
      seen.push("started");
      await new Promise<void>((resolve) => (finish = resolve));
      seen.push("ended");
    });
    wg.go(() => void seen.push("synchronous"));
    assert.deepEqual(seen, []);
    const waiting = watch(wg.wait(background));
    await turn();
    assert.deepEqual([seen, waiting.state], [["started", "synchronous"], "pending"]);
    assert.ok(running().some((task) => task.name === "tidy"));
    finish();
    await turn();
    assert.deepEqual([seen.at(-1), waiting.state, running().length], ["ended", "done", before]);
  });

  test("115: a task that a task starts is waited for", async () => {
    const wg = new WaitGroup();
    let ended = 0;
    const tree = (depth: number) => (): void => {
      ended++;
      if (depth > 0) for (let i = 0; i < 3; i++) wg.go(tree(depth - 1));
    };
    wg.go(tree(4));
    await wg.wait(background);
    assert.equal(ended, 121);
  });

  test("115: what throws or rejects is done too, and its error reaches the process", async () => {
    const file = new URL("testing/lost-error.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, ["--conditions=@millrace/source", file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const out = await text(child.stdout);
    assert.deepEqual(out.trim().split("\n").toSorted(), [
      "unhandled: asynchronous",
      "unhandled: synchronous",
      "waited",
    ]);
  });

  test("116: a cancel rejects the waiter, and leaves the count and the others", async () => {
    const wg = new WaitGroup();
    wg.add(1);
    const ctx = withCancel(background);
    const waits = [wg.wait(ctx), wg.wait(background), wg.wait(ctx)].map(watch);
    ctx.cancel();
    await turn();
    assert.deepEqual(states(waits), ["failed", "pending", "failed"]);
    assert.equal(waits[0]!.err, ctx.err);
    assert.deepEqual([nodeOf(ctx).core.firstWaiter, nodeOf(ctx).core.lastWaiter], [null, null]);
    wg.done();
    await turn();
    assert.equal(waits[1]!.state, "done");
    wg.add(1);
    wg.done();
    await wg.wait(background);
  });

  test("117: as Go's TestWaitGroupRace: what the tasks did is seen after the wait", async () => {
    for (let i = 0; i < 1000; i++) {
      const wg = new WaitGroup();
      let n = 0;
      wg.go(() => n++);
      wg.go(async () => {
        await Promise.resolve();
        n++;
      });
      await wg.wait(background);
      assert.equal(n, 2);
    }
  });

  test("126: a release is not revoked by a cancel", async () => {
    const wg = new WaitGroup();
    wg.add(1);
    const ctx = withCancel(background);
    const waiting = wg.wait(ctx);
    wg.done();
    ctx.cancel();
    await waiting;
  });

  test("30: two groups in turn starve no timer", { timeout: 5000 }, async () => {
    const [a, b] = [new WaitGroup(), new WaitGroup()];
    let fired = false;
    setTimeout(() => (fired = true), 5);
    a.add(1);
    const echo = async (): Promise<void> => {
      while (!fired) {
        b.add(1);
        a.done();
        await b.wait(background);
      }
    };
    const work = async (): Promise<void> => {
      while (!fired) {
        await a.wait(background);
        a.add(1);
        b.done();
      }
    };
    // Whoever sees the end first leaves the other waiting.
    await Promise.race([work(), echo()]);
  });
});
