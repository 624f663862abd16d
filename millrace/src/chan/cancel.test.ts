import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { background, withCancel, withTimeout } from "../context/index.ts";
import { nodeOf } from "../context/node.ts";
import { is } from "../errors/index.ts";
import { type Chan, type Receiver, type Sender, chan, closed, empty } from "./index.ts";
import { settled } from "./testing/observe.ts";

describe("cancel", () => {
  it("24: a completed hand-off is not revoked by a cancel in the same tick", async () => {
    const ch = chan<number>();
    const ctx = withCancel(background);
    const got = ch.recv(ctx);
    const next = ch.iter(ctx)[Symbol.asyncIterator]().next();
    assert.ok(ch.trySend(1) && ch.trySend(2));
    ctx.cancel();
    assert.equal(await got, 1);
    assert.deepEqual(await next, { done: false, value: 2 });

    const other = withCancel(background);
    const sends = [ch.send(other, 3), ch.send(other, 4)];
    assert.equal(ch.tryRecv(), 3);
    other.cancel();
    await sends[0];
    await assert.rejects(sends[1]!, (err) => err === other.err);
  });
  it("46: a done context takes and puts nothing, though the channel is ready", async () => {
    const ctx = withCancel(background);
    ctx.cancel();
    const ch = chan<number>(2);
    ch.trySend(1);
    await assert.rejects(ch.recv(ctx), (err) => err === ctx.err);
    await assert.rejects(ch.send(ctx, 2), (err) => is(err, "canceled"));
    await assert.rejects(ch.iter(ctx)[Symbol.asyncIterator]().next(), (err) => err === ctx.err);
    await assert.rejects(ch.batches(ctx)[Symbol.asyncIterator]().next(), (err) => err === ctx.err);
    assert.equal(ch.length, 1);
    const waiting = chan<number>();
    const got = waiting.recv(background);
    await assert.rejects(waiting.send(ctx, 1), (err) => err === ctx.err);
    assert.equal(await settled(got), false);
    waiting.close();
    // The context comes first, also before closed.
    await assert.rejects(waiting.recv(ctx), (err) => err === ctx.err);
    await assert.rejects(waiting.send(ctx, 1), (err) => err === ctx.err);
  });
  it("47: a canceled waiter leaves the channel as it was, and rejects with the one error of the context", async () => {
    const ch = chan<number>(1);
    const ctx = withCancel(background);
    const receives = [ch.recv(ctx), ch.recv(background), ch.recv(ctx), ch.recv(background)];
    ctx.cancel("why");
    for (const i of [0, 2]) await assert.rejects(receives[i]!, (err) => err === ctx.err);
    ch.trySend(1);
    ch.trySend(2);
    assert.deepEqual([await receives[1], await receives[3], ch.length], [1, 2, 0]);
  });
  it("48: with the first of three gone, the next send goes to the second", async () => {
    const ch = chan<number>();
    const ctx = withCancel(background);
    const [first, second, third] = [ch.recv(ctx), ch.recv(background), ch.recv(background)];
    ctx.cancel();
    ch.trySend(7);
    await assert.rejects(first, (err) => err === ctx.err);
    assert.equal(await second, 7);
    assert.equal(await settled(third), false);
    ch.close();
    assert.equal(await third, closed);
  });
  it("49: the value of a canceled sender is never delivered", async () => {
    for (const capacity of [0, 1]) {
      const ch = chan<string>(capacity);
      for (let i = 0; i < capacity; i++) ch.trySend("full");
      const ctx = withCancel(background);
      const [gone, stays] = [ch.send(ctx, "gone"), ch.send(background, "stays")];
      ctx.cancel();
      await assert.rejects(gone, (err) => err === ctx.err);
      for (let i = 0; i < capacity; i++) assert.equal(ch.tryRecv(), "full");
      assert.deepEqual([ch.tryRecv(), ch.tryRecv()], ["stays", empty]);
      await stays;
    }
  });
  it("47: a deadline ends a wait with its error", async () => {
    using ctx = withTimeout(background, 5);
    await assert.rejects(chan<number>().recv(ctx), (err) => is(err, "deadline_exceeded") && err === ctx.err);
  });
  it("nothing stays on the context when a wait is over", async () => {
    using ctx = withCancel(background);
    const ch = chan<number>();
    const got = ch.recv(ctx);
    ch.trySend(1);
    await got;
    const send = ch.send(ctx, 1);
    ch.tryRecv();
    await send;
    const end = ch.recv(ctx);
    ch.close();
    await end;
    assert.deepEqual([nodeOf(ctx).core.firstWaiter, nodeOf(ctx).core.lastWaiter], [null, null]);
  });
});

describe("iteration", () => {
  it("50: ends at close, after what is buffered", async () => {
    for (const close of ["before", "while waiting"] as const) {
      const ch = chan<number>(3);
      for (const v of [1, 2, 3]) ch.trySend(v);
      if (close === "before") ch.close();
      const got: number[] = [];
      const reading = (async () => {
        for await (const v of ch.iter(background)) got.push(v);
      })();
      if (close === "while waiting") {
        assert.equal(await settled(reading), false);
        ch.close();
      }
      await reading;
      assert.deepEqual(got, [1, 2, 3]);
    }
  });
  it("51: break, throw and return take no extra value and close nothing", async () => {
    const ch = chan<number>(9);
    for (let v = 1; v <= 9; v++) ch.trySend(v);
    const loop = ch.iter(background);
    for await (const v of loop) if (v === 2) break;
    await assert.rejects(async () => {
      for await (const v of ch.iter(background)) if (v === 4) throw new Error("mine");
    }, /mine/);
    const returned = await (async () => {
      for await (const v of loop) return v;
      return undefined;
    })();
    assert.equal(returned, 5);
    for await (const batch of ch.batches(background, 2)) {
      assert.deepEqual(batch, [6, 7]);
      break;
    }
    assert.deepEqual([ch.length, ch.tryRecv()], [2, 8]);
    assert.equal(ch.trySend(10), true);
    const iterator = ch.iter(background)[Symbol.asyncIterator]();
    assert.deepEqual(await iterator.return?.(), { done: true, value: undefined });
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    assert.equal(ch.length, 2);
  });
  it("52: two loops share the values, none lost or doubled", async () => {
    for (const capacity of [0, 3]) {
      const ch = chan<number>(capacity);
      const got: number[] = [];
      const shares = [0, 0];
      const loops = [0, 1].map(async (i) => {
        for await (const v of ch.iter(background)) {
          got.push(v);
          shares[i]!++;
        }
      });
      for (let v = 0; v < 100; v++) await ch.send(background, v);
      ch.close();
      await Promise.all(loops);
      assert.deepEqual(
        got.toSorted((a, b) => a - b),
        Array.from({ length: 100 }, (_, i) => i),
      );
      assert.ok(shares.every((n) => n > 0));
    }
  });
  it("53: throws ctx.err on cancel and leaves no waiter behind", async () => {
    for (const walk of ["iter", "batches"] as const) {
      const ch = chan<number>();
      const ctx = withCancel(background);
      const reading = (async () => {
        for await (const _ of ch[walk](ctx));
      })();
      assert.equal(await settled(reading), false);
      ctx.cancel();
      await assert.rejects(reading, (err) => err === ctx.err);
      assert.equal(ch.trySend(1), false);
    }
  });
});

describe("direction", () => {
  const both = chan<number>(2);

  it("55: a channel is either end, and neither end is the other or the whole", () => {
    const out: Receiver<number> = both;
    const into: Sender<number> = both;
    // @ts-expect-error a receiver cannot send
    out.trySend(1);
    // @ts-expect-error a sender cannot receive
    assert.equal(into.tryRecv(), 1);
    // @ts-expect-error a receiver has no send as a case
    assert.ok(out.onSend(1));
    // @ts-expect-error a sender has no receive as a case
    assert.ok(into.onRecv);
    // @ts-expect-error a sender is not iterated
    assert.ok(into.iter(background));
    // @ts-expect-error one end is not a channel
    const back: Chan<number> = into;
    // @ts-expect-error nor is the other
    const again: Chan<number> = out;
    // @ts-expect-error a receiver is no sender
    const swapped: Sender<number> = out;
    // @ts-expect-error a sender is no receiver
    const turned: Receiver<number> = into;
    assert.deepEqual(new Set([back, again, swapped, turned]), new Set([both]));
    // @ts-expect-error a receiver cannot close
    out.close();
  });
  it("56: receivers are covariant, senders contravariant, channels invariant", () => {
    const wide: Receiver<number | string> = both;
    const narrow: Sender<1> = both;
    // @ts-expect-error a receiver of more is none of less
    const less: Receiver<1> = both;
    // @ts-expect-error a sender of less is none of more
    const more: Sender<number | string> = both;
    // @ts-expect-error a channel of less is none of more
    const wider: Chan<number | string> = both;
    // @ts-expect-error and none the other way round
    const narrower: Chan<1> = both;
    assert.deepEqual(new Set([wide, narrow, less, more, wider, narrower]), new Set([both]));
  });
});
