import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { background, sleep, withCancel } from "../context/index.ts";
import { pendingAlarms } from "../runtime/alarm.ts";
import { after, chan, empty, select, ticker, timer, trySelect } from "./index.ts";
import { settled } from "./testing/observe.ts";

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}

describe("after", () => {
  it("185: is not early, and gives the time at which it was up", async () => {
    for (const ms of [0, 0.4, 1, 7.5, 20]) {
      const startedAt = performance.now();
      const wall = Date.now();
      const { value } = await select(background, { tick: after(ms) });
      assert.ok(performance.now() - startedAt >= ms, `${performance.now() - startedAt} of ${ms}`);
      assert.ok(value >= wall + ms - 2 && value <= Date.now() + 1);
    }
  });
  it("185: 0 or less is ready at once", () => {
    for (const ms of [0, -1, -Infinity]) assert.notEqual(trySelect({ tick: after(ms) }), undefined);
    assert.throws(() => after(Number.NaN), RangeError);
  });
  it("runs from when it was made, and gives one value: a limit for all rounds of a loop", async () => {
    const startedAt = performance.now();
    const limit = after(50);
    const ch = chan<number>(1);
    do ch.trySend(1);
    while ((await select(background, { ch, limit })).key === "ch");
    assert.ok(performance.now() - startedAt >= 50);
    assert.equal(trySelect({ limit }), undefined);
    const ctx = withCancel(background);
    const waiting = select(ctx, { limit });
    assert.equal(await settled(waiting), false);
    ctx.cancel();
    await assert.rejects(waiting);
  });
  it("its timer is set when a select parks, and cleared when it loses or its context ends", async () => {
    const [before, alarms] = [timers(), pendingAlarms()];
    const ch = chan<number>();
    const limit = after(60_000);
    assert.equal(pendingAlarms(), alarms);
    const lost = select(background, { ch, limit, other: after(70_000) });
    assert.equal(pendingAlarms(), alarms + 2);
    ch.trySend(1);
    assert.deepEqual([timers(), pendingAlarms()], [before, alarms]);
    await lost;
    const ctx = withCancel(background);
    const ended = select(ctx, { limit });
    const second = select(ctx, { limit });
    assert.equal(pendingAlarms(), alarms + 1);
    ctx.cancel();
    assert.deepEqual([timers(), pendingAlarms()], [before, alarms]);
    await assert.rejects(ended);
    await assert.rejects(second);
  });
  it("two selects on one: the first gets the value, the other waits on", async () => {
    const limit = after(60);
    const ctx = withCancel(background);
    const first = select(background, { limit });
    // Also if the second comes when the time is up, and the first has not been told yet.
    for (const until = performance.now() + 60; performance.now() < until;);
    const second = select(ctx, { limit });
    assert.equal(trySelect({ limit }), undefined);
    assert.equal((await first).key, "limit");
    assert.equal(await settled(second), false);
    ctx.cancel();
    await assert.rejects(second);
  });
  it("works where a test replaces the timers", async () => {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    try {
      const waiting = select(background, { tick: after(3_600_000) });
      const sleeping = sleep(background, 3_600_000);
      mock.timers.tick(3_600_000);
      assert.equal((await waiting).key, "tick");
      await sleeping;
    } finally {
      mock.timers.reset();
    }
  });
});

describe("timer", () => {
  it("186: stop says whether it prevented the value, and then never gives it", async () => {
    const t = timer(1);
    assert.deepEqual([t.stop(), t.stop()], [true, false]);
    await sleep(background, 3);
    assert.equal(trySelect({ t }), undefined);
    const up = timer(0);
    assert.notEqual(trySelect({ up }), undefined);
    assert.equal(up.stop(), false);
  });
  it("186: a value that nobody has taken is taken back, as in Go since 1.23", async () => {
    const t = timer(1);
    await sleep(background, 3);
    assert.equal(t.stop(), true);
    assert.equal(trySelect({ t }), undefined);
  });
  it("186: stop and reset reach a select that waits", async () => {
    const alarms = pendingAlarms();
    const t = timer(60_000);
    const waiting = select(background, { t });
    assert.equal(t.stop(), true);
    assert.equal(pendingAlarms(), alarms);
    assert.equal(t.reset(2), false);
    assert.equal((await waiting).key, "t");
    assert.equal(t.reset(0), false);
    assert.equal(t.reset(0), true);
    assert.equal(trySelect({ t })!.key, "t");
    {
      using _ = t;
      t.reset(0);
    }
    assert.equal(trySelect({ t }), undefined);
  });
});

describe("ticker", () => {
  for (const ms of [0, -1, Number.NaN, Infinity]) {
    it(`188: a period of ${ms} is refused`, () => assert.throws(() => ticker(ms), /period of more than 0/));
  }
  it("ticks on its schedule until it is disposed, which does not close it", async () => {
    const [before, alarms] = [timers(), pendingAlarms()];
    const startedAt = performance.now();
    const tick = ticker(3);
    let last = 0;
    for (let i = 1; i <= 4; i++) {
      const at = await tick.recv(background);
      assert.ok(typeof at === "number" && at >= last);
      last = at;
      assert.ok(performance.now() - startedAt >= 3 * i);
    }
    tick[Symbol.dispose]();
    assert.deepEqual([timers(), pendingAlarms()], [before, alarms]);
    while (tick.tryRecv() !== empty);
    const waiting = tick.recv(background);
    await sleep(background, 8);
    assert.equal(await settled(waiting), false);
  });
  it("189: a slow reader loses ticks and finds one", async () => {
    using tick = ticker(1);
    await sleep(background, 15);
    assert.deepEqual([tick.length, tick.capacity], [1, 1]);
    assert.notEqual(tick.tryRecv(), empty);
    assert.equal(tick.tryRecv(), empty);
  });
  it("stands in a select, and is iterated", async () => {
    using tick = ticker(1);
    assert.equal((await select(background, { tick, never: chan() })).key, "tick");
    let n = 0;
    for await (const at of tick.iter(background)) {
      assert.ok(Math.abs(Date.now() - at) < 60_000, "the Unix time, more or less");
      if (++n === 3) break;
    }
  });
});
