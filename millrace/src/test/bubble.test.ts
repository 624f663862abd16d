import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { after, chan, select } from "../chan/index.ts";
import { background, sleep, withTimeout } from "../context/index.ts";
import { Mutex, WaitGroup } from "../sync/index.ts";
import { go, group } from "../task/index.ts";
import { bubble } from "./bubble.ts";
import { io } from "./testing/io.ts";

const START = Date.UTC(2000, 0, 1);
const HOUR = 3_600_000;

describe("bubble", () => {
  test("201: the clock starts in 2000, each bubble has its own, and the world outside keeps its time", async () => {
    const before = Date.now();
    const [one, other] = await Promise.all([
      bubble(async (t) => {
        assert.equal(t.now, START);
        await t.sleep(HOUR);
        return t.now;
      }),
      bubble(async (t) => {
        await t.sleep(2 * HOUR);
        return t.now;
      }),
    ]);
    assert.deepEqual([one, other], [START + HOUR, START + 2 * HOUR]);
    assert.ok(Date.now() - before < HOUR);
  });

  test("202: time stands still while anything can run, and goes straight to the next timer", async () => {
    await bubble(async (t) => {
      const times: number[] = [];
      const busy = (async () => {
        for (let i = 0; i < 1000; i++) await io();
        times.push(t.now - START);
      })();
      const naps = [30, 10, 20].map(async (ms) => {
        await t.sleep(ms);
        times.push(t.now - START);
      });
      await Promise.all([busy, ...naps]);
      assert.deepEqual(times, [0, 10, 20, 30]);
    });
  });

  test("203: settle waits for everything else, before time moves, and only one may", async () => {
    await bubble(async (t) => {
      let done = 0;
      void (async () => {
        for (let i = 0; i < 10; i++) await io();
        done++;
        await t.sleep(1);
        done++;
      })();
      await t.settle();
      assert.deepEqual([done, t.now], [1, START]);
      const first = t.settle();
      await assert.rejects(t.settle(), /another settle/);
      await first;
      await t.sleep(1);
      await t.settle();
      assert.equal(done, 2);
    });
  });

  test("209: what the toolkit waits for lets time pass: channels, selects, locks, wait groups, sleeps", async () => {
    await bubble(async (t) => {
      const at = async (wait: () => Promise<unknown>): Promise<number> => {
        const before = t.now;
        await wait();
        return t.now - before;
      };
      const ch = chan<number>();
      void go(t.ctx, async (ctx) => {
        await sleep(ctx, 5);
        await ch.send(ctx, 1);
      });
      assert.equal(await at(() => ch.recv(t.ctx)), 5);
      assert.equal(await at(() => select(t.ctx, { ch, late: after(7) })), 7);
      const mutex = new Mutex();
      void go(t.ctx, async (ctx) => {
        using _ = await mutex.lock(ctx);
        await sleep(ctx, 11);
      });
      await t.settle();
      assert.equal(await at(async () => (await mutex.lock(t.ctx))[Symbol.dispose]()), 11);
      const wg = new WaitGroup();
      wg.go(() => t.sleep(13));
      assert.equal(await at(() => wg.wait(t.ctx)), 13);
      using ctx = withTimeout(background, 17);
      assert.equal(await at(() => assert.rejects(ch.recv(ctx))), 17);
    });
  });

  test("210: cleanups run inside; the context has ended then; all tasks are waited for", async () => {
    const seen: string[] = [];
    const result = await bubble(async (t) => {
      t.cleanup(async () => {
        await t.sleep(HOUR);
        seen.push(`cleanup ${t.now - START}`);
      });
      void go(t.ctx, async (ctx) => {
        await assert.rejects(sleep(ctx, HOUR));
        await t.sleep(1);
        seen.push("task");
      });
      return "result";
    });
    assert.equal(result, "result");
    assert.deepEqual(seen, ["task", `cleanup ${HOUR}`]);
  });

  test("214: a day and an hour take no time", async () => {
    const before = performance.now();
    await bubble(async (t) => {
      for (let hour = 0; hour < 25; hour++) await t.sleep(HOUR);
      assert.equal(t.now, START + 25 * HOUR);
    });
    // What is asked for is 50 ms; an hour of a machine that does something else is no failure of the clock.
    assert.ok(performance.now() - before < 5_000);
  });

  test("a bubble gives what its program gives, and rejects with what it throws", async () => {
    assert.equal(await bubble(() => 1), 1);
    assert.equal(
      await bubble(async () => {
        await io();
        return 2;
      }),
      2,
    );
    const err = new TypeError("no");
    await assert.rejects(
      bubble(() => {
        throw err;
      }),
      (thrown) => thrown === err,
    );
  });

  test("a group in a bubble: the first error cancels the others", async () => {
    await bubble(async (t) => {
      const g = group(t.ctx);
      await g.go(async (ctx) => await sleep(ctx, HOUR));
      await g.go(async () => {
        await t.sleep(3);
        throw new Error("first");
      });
      await assert.rejects(g.wait(), /first/);
      assert.equal(t.now - START, 3);
    });
  });

  test("a deadlock and what is left waiting end the bubble", async () => {
    await assert.rejects(
      bubble(async (t) => void (await chan().recv(t.ctx))),
      /deadlock: all tasks are asleep[^]*bubble\.test\.ts/,
    );
    const left = (): void => void stuck();
    await assert.rejects(bubble(left), /left waiting at the end[^]*stuck[^]*bubble\.test\.ts/);
    await bubble(left, { leaks: false });
  });
});

async function stuck(): Promise<void> {
  await new Promise(() => {});
}
