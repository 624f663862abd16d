import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { after, chan, select, ticker, timer } from "../../chan/index.ts";
import { background as ctx, sleep, withTimeout } from "../../context/index.ts";
import { bubble } from "../bubble.ts";
import { virtualGlobals } from "./globals.ts";
import { inWorld } from "./testing/small-world.ts";

test("206: what takes no time is ready without time moving", async (t) => {
  using _ = virtualGlobals();
  const cases: { name: string; wait: () => unknown }[] = [
    { name: "sleep", wait: () => sleep(ctx, 0) },
    { name: "sleep of less than nothing", wait: () => sleep(ctx, -5) },
    { name: "after", wait: () => select(ctx, { up: after(0), never: chan<number>(0) }) },
    { name: "timer", wait: () => select(ctx, { up: timer(0) }) },
  ];
  for (const { name, wait: run } of cases) {
    await t.test(name, async () => {
      await inWorld(async () => {
        let later = false;
        setTimeout(() => (later = true), 1);
        await run();
        assert.equal(performance.now(), 0);
        assert.equal(later, false);
      });
    });
  }
});

test("206: a sleep of no time that is canceled does not ring", async () => {
  using _ = virtualGlobals();
  await inWorld(async (world) => {
    const short = withTimeout(ctx, 5);
    await assert.rejects(sleep(short, 50), { code: "deadline_exceeded" });
    assert.equal(performance.now(), 5);
    assert.equal(world.clock.timers.length, 0);
    const asleep = sleep(short, 0);
    await assert.rejects(asleep, { code: "deadline_exceeded" });
    assert.equal(world.clock.timers.length, 0);
  });
});

test("207: a timer gives the time at which it fired", async () => {
  using _ = virtualGlobals();
  await inWorld(async () => {
    const start = Date.now();
    const up = after(100);
    await wait(500);
    assert.equal((await select(ctx, { up })).value, start + 100, "it was up before anybody looked");
    assert.equal((await select(ctx, { up: after(1) })).value, start + 501);
    using tick = ticker(1000);
    assert.equal(await tick.recv(ctx), start + 1501);
    await sleep(ctx, 2500);
    assert.equal(await tick.recv(ctx), start + 2501);
    assert.equal(Date.now(), start + 4001);
  });
});

test("202: a sleep of the toolkit may be longer than a timer", async () => {
  using _ = virtualGlobals();
  await inWorld(async () => {
    await sleep(ctx, 1e11);
    assert.equal(performance.now(), 1e11);
  });
});

test("212: what a tick, a microtask or a timer throws is the world's failure", async (t) => {
  const later: Record<string, (fn: () => void) => unknown> = {
    nextTick: (fn) => process.nextTick(fn),
    queueMicrotask: (fn) => queueMicrotask(fn),
    setTimeout: (fn) => setTimeout(fn, 5),
    setImmediate: (fn) => setImmediate(fn),
  };
  for (const [name, run] of Object.entries(later)) {
    await t.test(name, async () => {
      const failing = bubble(async (b) => {
        run(() => {
          throw new Error(name);
        });
        await b.sleep(10);
      });
      await assert.rejects(failing, { message: name });
    });
  }
});

test("212: what the system is asked for is waited for before time moves", async () => {
  await bubble(async () => {
    const timeout = setTimeout(() => assert.fail("the time moved"), 1);
    await readFile(import.meta.filename);
    await promisify(gzip)("x".repeat(100_000));
    clearTimeout(timeout);
    assert.equal(performance.now(), 0);
  });
});
