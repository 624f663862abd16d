import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Ctx, background, ctxKey, withCancel, withTimeout, withValue } from "../context/index.ts";
import { nodeOf } from "../context/node.ts";
import { install } from "../runtime/hook.ts";
import { silent } from "../runtime/testing/silent.ts";
import { seed } from "../runtime/random.ts";
import { type Chan, type Closed, type Receiver, chan, closed, empty, fromPromise, select, trySelect } from "./index.ts";
import { hasReason, settled } from "./testing/observe.ts";

function filled(...values: number[]): Chan<number> {
  const ch = chan<number>(values.length);
  for (const v of values) ch.trySend(v);
  return ch;
}

describe("nil and nothing", () => {
  it("57: no cases wait for the context alone; trySelect gives undefined", async () => {
    const ctx = withCancel(background);
    const waiting = select(ctx, {});
    assert.equal(await settled(waiting), false);
    ctx.cancel();
    await assert.rejects(waiting, (err) => err === ctx.err);
    assert.equal(trySelect({}), undefined);
  });
  it("21, 58: only nil cases are never ready", async () => {
    const ctx = withCancel(background);
    const nil = undefined as Receiver<number> | undefined;
    const waiting = select(ctx, { nil, send: undefined, none: null });
    assert.equal(await settled(waiting), false);
    ctx.cancel();
    await assert.rejects(waiting, (err) => err === ctx.err);
    assert.equal(trySelect({ nil, none: null }), undefined);
  });
  it("59: a nil case is never chosen, and turning one to nil after its end works", async () => {
    let a: Receiver<number> | undefined = filled(1, 2, 3);
    let b: Receiver<number> | undefined = filled(4, 5);
    for (const ch of [a, b]) (ch as Chan<number>).close();
    const got: number[] = [];
    while (a !== undefined || b !== undefined) {
      const r = await select(background, { a, b });
      if (r.value !== closed) got.push(r.value);
      else if (r.key === "a") a = undefined;
      else b = undefined;
    }
    assert.deepEqual(
      got.toSorted((x, y) => x - y),
      [1, 2, 3, 4, 5],
    );
  });
  it("what is no case is refused", () => {
    for (const bad of [1, {}, Promise.resolve(), { recv() {} }]) {
      assert.throws(() => trySelect({ bad } as never), /bad is no case/);
      assert.throws(() => select(background, { bad } as never), TypeError);
    }
  });
});

describe("choice", () => {
  it("60: trySelect gives undefined only if no case is ready, and changes nothing then", () => {
    const [ch, full] = [chan<number>(1), filled(1)];
    assert.equal(trySelect({ ch, put: full.onSend(2) }), undefined);
    assert.deepEqual([ch.length, full.length], [0, 1]);
    assert.deepEqual(trySelect({ ch, put: ch.onSend(3) }), { key: "put", value: undefined });
    assert.deepEqual(trySelect({ ch }), { key: "ch", value: 3 });
  });

  // Chi-square at one in a million; the seed is fixed, so that the test cannot fail by chance.
  const CRITICAL: Readonly<Record<number, number>> = { 1: 23.93, 2: 27.63, 3: 30.66, 9: 45.08 };
  function assertUniform(counts: readonly number[]): void {
    const expected = counts.reduce((a, b) => a + b) / counts.length;
    const chi = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    assert.ok(chi < CRITICAL[counts.length - 1]!, `chi-square ${chi} of ${counts.join(" ")}`);
  }
  const layouts: { name: string; ready: string[]; all: string[]; runs: number }[] = [
    { name: "2 ready of 4, side by side", ready: ["a", "b"], all: ["a", "b", "c", "d"], runs: 10_000 },
    { name: "2 ready of 4, apart", ready: ["b", "d"], all: ["a", "b", "c", "d"], runs: 10_000 },
    { name: "3 of 3", ready: ["x", "a", "m"], all: ["x", "a", "m"], runs: 30_000 },
    { name: "3 of 3, in another order", ready: ["m", "x", "a"], all: ["m", "x", "a"], runs: 30_000 },
    { name: "10 of 10", ready: Array.from("abcdefghij"), all: Array.from("abcdefghij"), runs: 50_000 },
  ];
  for (const { name, ready, all, runs } of layouts) {
    it(`61: the choice is uniform: ${name}`, async () => {
      seed(61);
      const counts = new Map(ready.map((key) => [key, 0]));
      const cases: Record<string, Receiver<number>> = {};
      for (const key of all) cases[key] = chan<number>(1);
      for (let i = 0; i < runs; i++) {
        for (const key of ready) (cases[key] as Chan<number>).trySend(i);
        const r = i % 2 === 0 ? await select(background, cases) : trySelect(cases);
        counts.set(r!.key, counts.get(r!.key)! + 1);
      }
      assert.deepEqual([...counts.keys()], ready);
      assertUniform([...counts.values()]);
    });
  }
  it("61: sends and receives are chosen alike", () => {
    seed(62);
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) {
      const put = chan<number>(1);
      const ended = chan<number>();
      ended.close();
      const r = trySelect({ put: put.onSend(1), got: filled(1), ended });
      counts[["put", "got", "ended"].indexOf(r!.key)]!++;
    }
    assertUniform(counts);
  });
  it("61: the same seed makes the same choices", () => {
    const run = (): string[] => {
      seed(7);
      return Array.from({ length: 50 }, () => trySelect({ a: filled(1), b: filled(2), c: filled(3) })!.key);
    };
    assert.deepEqual(run(), run());
    assert.equal(new Set(run()).size, 3);
  });
  it("72: operands are evaluated once, in their order, chosen or not", async () => {
    const order: string[] = [];
    const at = <T>(name: string, value: T): T => {
      order.push(name);
      return value;
    };
    const ch = chan<number>(1);
    await select(background, {
      a: at("a", undefined),
      b: at("b", ch).onSend(at("value", 1)),
      c: at("c", ch).onSend(at("other", 2)),
    });
    assert.deepEqual(order, ["a", "b", "value", "c", "other"]);
    let reads = 0;
    const cases = {
      get ch() {
        reads++;
        return ch;
      },
    };
    await select(background, cases);
    const waiting = select(background, cases);
    ch.trySend(3);
    assert.deepEqual([await waiting, reads], [{ key: "ch", value: 3 }, 2]);
  });
  it("73: nothing of a loser is touched", async () => {
    const [lost, full] = [chan<object>(1), filled(1)];
    const value = {
      get touched() {
        return assert.fail();
      },
    };
    const r = await select(background, { lost: lost.onSend(value), never: full.onSend(1), won: filled(9) });
    if (r.key === "won") assert.deepEqual([lost.length, r.value], [0, 9]);
    else assert.equal(lost.tryRecv(), value);
    assert.equal(full.tryRecv(), 1);
  });
});

describe("waiting", () => {
  it("64: a select does not meet itself, two of them meet", async () => {
    const ch = chan<number>();
    const one = select(background, { send: ch.onSend(1), recv: ch });
    assert.equal(await settled(one), false);
    const two = select(background, { send: ch.onSend(2), recv: ch });
    const got = [await one, await two].toSorted((a, b) => a.key.localeCompare(b.key));
    assert.deepEqual(got[1], { key: "send", value: undefined });
    assert.equal(got[0]!.key, "recv");
    assert.ok(got[0]!.value === 1 || got[0]!.value === 2);
    assert.deepEqual([ch.tryRecv(), ch.trySend(3)], [empty, false]);
  });
  it("64: nor with the same channel twice", async () => {
    const ch = chan<number>();
    const waiting = select(background, { a: ch, b: ch, c: ch.onSend(1) });
    assert.equal(await settled(waiting), false);
    assert.equal(ch.trySend(5), true);
    const r = await waiting;
    assert.ok(r.key !== "c" && r.value === 5);
    assert.equal(ch.trySend(6), false);
    assert.equal(ch.tryRecv(), empty);
  });
  it("68: plain and select receives, and sends, are served in the order of the queue", async () => {
    const [ch, other] = [chan<number>(), chan<number>()];
    const order: number[] = [];
    const waits = [0, 1, 2, 3, 4, 5].map(async (i) => {
      const value = i % 2 === 0 ? await ch.recv(background) : (await select(background, { other, ch })).value;
      assert.equal(value, i);
      order.push(i);
    });
    for (let i = 0; i < 6; i++) ch.trySend(i);
    await Promise.all(waits);
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5]);
    const sends = [0, 1, 2, 3].map((i) =>
      i % 2 === 0 ? ch.send(background, i) : select(background, { a: ch.onSend(i), b: other.onSend(i) }),
    );
    assert.deepEqual([ch.tryRecv(), ch.tryRecv(), ch.tryRecv(), ch.tryRecv()], [0, 1, 2, 3]);
    await Promise.all(sends);
    assert.equal(other.tryRecv(), empty);
  });
  it("70: a closed channel: its receive is always ready, its send throws", async () => {
    const ch = chan<number>();
    ch.close();
    for (let i = 0; i < 3; i++) assert.deepEqual(await select(background, { ch }), { key: "ch", value: closed });
    const thrown = hasReason("chan/send_on_closed_channel");
    await assert.rejects(select(background, { put: ch.onSend(1) }), thrown);
    assert.throws(() => trySelect({ put: ch.onSend(1) }), thrown);
  });
  it("75: the first case that becomes ready wins and gets the value itself; the others are left", async () => {
    for (const winner of ["a", "b", "c"] as const) {
      const chans = { a: chan<number>(2), b: chan<number>(), c: chan<number>(1) };
      const waiting = select(background, chans);
      chans[winner].trySend(1);
      for (const ch of Object.values(chans)) ch.trySend(2);
      assert.deepEqual(await waiting, { key: winner, value: 1 });
      assert.deepEqual([chans.a.length, chans.b.length, chans.c.length], [1, 0, 1]);
    }
    const ch = chan<number>();
    const sending = select(background, { put: ch.onSend(4), never: chan<number>() });
    assert.equal(await ch.recv(background), 4);
    assert.deepEqual(await sending, { key: "put", value: undefined });
  });
  it("75: a waiting send case moves up into the buffer", async () => {
    const ch = filled(1);
    const sending = select(background, { put: ch.onSend(2) });
    assert.deepEqual([ch.tryRecv(), ch.length], [1, 1]);
    assert.equal((await sending).key, "put");
    assert.equal(ch.tryRecv(), 2);
  });
  it("a hook is told of a select that waits", async () => {
    const ch = chan<number>();
    const waits: unknown[] = [];
    install({ ...silent, park: (_, wait, on) => waits.push([wait, on]) });
    const cases = { ch };
    try {
      const waiting = select(background, cases);
      ch.trySend(1);
      await waiting;
    } finally {
      install(null);
    }
    assert.deepEqual(waits, [["select", cases]]);
  });
});

describe("context", () => {
  it("76: a done context runs no case; one that ends takes all waiters out", async () => {
    const [ch, other] = [filled(1), chan<number>()];
    const gone = withCancel(background);
    gone.cancel();
    await assert.rejects(select(gone, { ch }), (err) => err === gone.err);
    assert.equal(ch.length, 1);
    const ctx = withCancel(background);
    const waiting = select(ctx, { other, put: other.onSend(1), end: withCancel(background).done });
    ctx.cancel("why");
    await assert.rejects(waiting, (err) => err === ctx.err);
    assert.deepEqual([other.trySend(1), other.tryRecv()], [false, empty]);
    assert.equal(nodeOf(ctx).core.firstWaiter, null);
  });
  it("76: a match is not revoked by a cancel in the same tick", async () => {
    const ch = chan<number>();
    const ctx = withCancel(background);
    const waiting = select(ctx, { ch });
    ch.trySend(1);
    ctx.cancel();
    assert.deepEqual(await waiting, { key: "ch", value: 1 });
  });
  it("77: ctx.done as a case takes part in the choice", async () => {
    seed(77);
    const ctx = withCancel(background);
    ctx.cancel();
    const keys = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const r = await select(background, { ch: filled(1), end: ctx.done });
      keys.add(r.key);
      if (r.key === "end") assert.equal(r.value, closed);
    }
    assert.deepEqual(keys, new Set(["ch", "end"]));
  });
  it("77: ctx.done wakes a select that waits, and is left when it loses", async () => {
    const ctx = withCancel(background);
    const ch = chan<number>();
    const lost = select(background, { ch, end: ctx.done });
    ch.trySend(1);
    assert.equal((await lost).key, "ch");
    assert.equal(nodeOf(ctx).core.firstWaiter, null);
    const won = select(background, { ch, end: withValue(ctx, ctxKey<number>("k"), 1).done });
    ctx.cancel();
    assert.deepEqual(await won, { key: "end", value: closed });
    assert.equal(ch.trySend(1), false);
    assert.equal((await select(background, { end: ctx.done })).key, "end");
  });
  it("77: the context that is the argument comes first, also if the case is its parent", async () => {
    const derive = [(up: Ctx) => up, withCancel, (up: Ctx) => withTimeout(up, 60_000)];
    for (const of of derive) {
      const parent = withCancel(background);
      const ctx = of(parent);
      const waiting = select(ctx, { end: parent.done, own: ctx.done });
      parent.cancel();
      await assert.rejects(waiting, (err) => err === parent.err);
    }
  });
  it("a select that fails leaves its context and the other cases", async () => {
    const ctx = withCancel(background);
    const [full, other] = [chan<number>(), chan<number>()];
    const failed = new Error("failed");
    const { promise, reject } = Promise.withResolvers<number>();
    const waits = [
      select(ctx, { put: full.onSend(1), other }),
      select(ctx, { promise: fromPromise(promise), other, end: ctx.done }),
    ];
    full.close();
    reject(failed);
    await assert.rejects(waits[0]!, { reason: "chan/send_on_closed_channel" });
    await assert.rejects(waits[1]!, (err) => err === failed);
    assert.equal(nodeOf(ctx).core.firstWaiter, null);
    assert.equal(other.trySend(1), false);
    ctx.cancel();
  });
  it("77: background.done is never ready", () => {
    assert.equal(trySelect({ end: background.done }), undefined);
    assert.equal(background.done, background.done);
  });
});

describe("types", () => {
  it("78: the result is told apart by key, and the value narrows", async () => {
    const jobs = chan<number>(1);
    const names = chan<string>(1);
    jobs.trySend(1);
    const maybe = undefined as Receiver<Date> | undefined;
    const cases = {
      jobs,
      names: names.onRecv,
      maybe,
      put: chan<Uint8Array>().onSend(new Uint8Array(1)),
      stop: background.done,
    };
    const r = await select(background, cases);
    switch (r.key) {
      case "jobs": {
        // @ts-expect-error it may be closed
        const early: number = r.value;
        assert.equal(early, 1);
        if (r.value === closed) return;
        const job: number = r.value;
        assert.equal(job, 1);
        break;
      }
      case "names": {
        const name: string | Closed = r.value;
        assert.fail(String(name));
        break;
      }
      case "maybe":
        if (r.value !== closed) assert.fail(String(r.value.getTime()));
        break;
      case "put": {
        const nothing: void = r.value;
        assert.fail(String(nothing));
        break;
      }
      case "stop": {
        const end: Closed = r.value;
        assert.fail(String(end));
        break;
      }
      // @ts-expect-error there is no such case
      case "nope":
        break;
    }
    // @ts-expect-error a promise is no case: fromPromise makes one of it
    assert.throws(() => trySelect({ p: Promise.resolve(1) }));
  });
});
