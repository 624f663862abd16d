import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type CancelCtx, background, withCancel } from "../context/index.ts";
import { is } from "../errors/index.ts";
import { type Chan, type Receiver, type Sender, chan, closed, empty } from "./index.ts";

const reason = (want: string) => (err: unknown) => err instanceof Error && "reason" in err && err.reason === want;

describe("making a channel", () => {
  for (const size of [-1, Number.NaN, 1.5, 2 ** 31 + 1, Infinity]) {
    it(`1: capacity ${size} is refused`, () => assert.throws(() => chan(size), RangeError));
  }
  it("2, 3: length counts the buffered values, capacity never changes", () => {
    assert.deepEqual([chan().capacity, chan().length], [0, 0]);
    const ch = chan<number>(3);
    for (const k of [1, 2, 3]) {
      assert.equal(ch.trySend(k), true);
      assert.deepEqual([ch.length, ch.capacity], [k, 3]);
    }
    assert.equal(ch.trySend(4), false);
  });
});

describe("send and receive", () => {
  it("7: tryRecv on an empty open channel changes nothing", () => {
    assert.equal(chan<number>(1).tryRecv(), empty);
  });
  it("9: trySend on an unbuffered channel needs a waiting receiver", async () => {
    const ch = chan<number>();
    assert.equal(ch.trySend(1), false);
    const got = ch.recv(background);
    assert.equal(ch.trySend(1), true);
    assert.equal(await got, 1);
  });
  it("11: a receive from a full buffer moves the first blocked sender up", async () => {
    const ch = chan<number>(2);
    const sends = [1, 2, 3, 4].map((v) => ch.send(background, v));
    assert.equal(ch.tryRecv(), 1);
    await sends[2];
    assert.equal(ch.length, 2);
    assert.deepEqual([ch.tryRecv(), ch.tryRecv(), ch.tryRecv(), ch.tryRecv()], [2, 3, 4, empty]);
  });
  it("12: values arrive in order for every capacity", async () => {
    for (let capacity = 0; capacity <= 40; capacity++) {
      const ch = chan<number>(capacity);
      const sending = (async () => {
        for (let i = 0; i < 100; i++) await ch.send(background, i);
        ch.close();
      })();
      const got: number[] = [];
      for await (const v of ch.iter(background)) got.push(v);
      await sending;
      assert.deepEqual(
        got,
        Array.from({ length: 100 }, (_, i) => i),
      );
    }
  });
  it("13, 14: waiters are served in the order they came", async () => {
    const ch = chan<number>();
    const receives = [0, 1, 2, 3].map(() => ch.recv(background));
    for (const v of [0, 1, 2, 3]) ch.trySend(v);
    assert.deepEqual(await Promise.all(receives), [0, 1, 2, 3]);
    const sends = [4, 5, 6].map((v) => ch.send(background, v));
    assert.deepEqual([ch.tryRecv(), ch.tryRecv(), ch.tryRecv()], [4, 5, 6]);
    await Promise.all(sends);
  });
  it("19: undefined, null, NaN, 0, '' and false are ordinary values", async () => {
    const values = [undefined, null, Number.NaN, 0, "", false];
    const ch = chan<unknown>(values.length);
    for (const v of values) ch.trySend(v);
    for (const v of values) assert.ok(Object.is(await ch.recv(background), v));
  });
  it("20: a promise is refused as a value by the type", () => {
    // @ts-expect-error a channel of promises takes nothing
    assert.equal(chan<Promise<number>>(1).trySend(Promise.resolve(1)), true);
  });
  it("30: a ping-pong does not starve a timer", { timeout: 5000 }, async () => {
    const ping = chan<number>();
    const pong = chan<number>();
    let fired = false;
    setTimeout(() => (fired = true), 5);
    const echo = (async () => {
      for await (const v of ping.iter(background)) await pong.send(background, v);
    })();
    while (!fired) {
      await ping.send(background, 1);
      await pong.recv(background);
    }
    ping.close();
    await echo;
  });
});

describe("close", () => {
  it("32, 33: closing twice and sending on a closed channel fail", async () => {
    const ch = chan<number>(1);
    ch.close();
    assert.throws(() => ch.close(), reason("chan/close_of_closed_channel"));
    assert.throws(() => ch.trySend(1), reason("chan/send_on_closed_channel"));
    await assert.rejects(ch.send(background, 1), reason("chan/send_on_closed_channel"));
  });
  it("34, 35: buffered values survive, then closed for ever", async () => {
    const ch = chan<number>(2);
    ch.trySend(1);
    ch.trySend(2);
    ch.close();
    assert.deepEqual([await ch.recv(background), ch.tryRecv(), ch.tryRecv(), ch.tryRecv()], [1, 2, closed, closed]);
  });
  it("37, 38: blocked senders fail and blocked receivers get closed", async () => {
    const ch = chan<number>();
    const receives = Array.from({ length: 1000 }, () => ch.recv(background));
    ch.close();
    assert.ok((await Promise.all(receives)).every((v) => v === closed));
    const other = chan<number>();
    const send = other.send(background, 1);
    other.close();
    await assert.rejects(send, reason("chan/send_on_closed_channel"));
  });
  it("44: using closes once", () => {
    const ch = chan<number>();
    {
      using _ = ch;
      ch.close();
    }
    assert.equal(ch.tryRecv(), closed);
  });
});

describe("context", () => {
  it("46: a done context takes and puts nothing", async () => {
    const ctx = withCancel(background);
    ctx.cancel();
    const ch = chan<number>(2);
    ch.trySend(1);
    await assert.rejects(ch.recv(ctx), (err) => err === ctx.err);
    await assert.rejects(ch.send(ctx, 2), (err) => is(err, "canceled"));
    assert.equal(ch.length, 1);
  });
  it("47, 48: a canceled waiter leaves, the others keep their order", async () => {
    const ch = chan<number>();
    const ctx = withCancel(background);
    const first = ch.recv(ctx);
    const second = ch.recv(background);
    ctx.cancel();
    ch.trySend(7);
    await assert.rejects(first, (err) => err === ctx.err);
    assert.equal(await second, 7);
  });
  it("24: a completed hand-off is not revoked by a cancel in the same tick", async () => {
    const ch = chan<number>();
    const ctx = withCancel(background);
    const got = ch.recv(ctx);
    ch.trySend(1);
    ctx.cancel();
    assert.equal(await got, 1);
  });
  it("51: leaving the loop takes no extra value and closes nothing", async () => {
    const ch = chan<number>(3);
    for (const v of [1, 2, 3]) ch.trySend(v);
    for await (const v of ch.iter(background)) if (v === 2) break;
    assert.equal(ch.tryRecv(), 3);
    assert.equal(ch.tryRecv(), empty);
  });
  it("batches takes what is there", async () => {
    const ch = chan<number>(5);
    for (const v of [1, 2, 3, 4, 5]) ch.trySend(v);
    ch.close();
    const got: number[][] = [];
    for await (const batch of ch.batches(background, 2)) got.push(batch);
    assert.deepEqual(got, [[1, 2], [3, 4], [5]]);
  });
  it("250: under random cancels every value is received, or its send failed", async () => {
    const step = fc.record({ op: fc.constantFrom("send", "recv", "cancel"), pick: fc.nat(50) });
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.array(step, { maxLength: 80 }), async (capacity, steps) => {
        const ch = chan<number>(capacity);
        const ctxs: CancelCtx[] = [];
        const sends: Promise<number | null>[] = [];
        const receives: Promise<number | null>[] = [];
        for (const [i, { op, pick }] of steps.entries()) {
          const ctx = withCancel(background);
          if (op === "cancel") ctxs[pick % (ctxs.length || 1)]?.cancel();
          else ctxs.push(ctx);
          if (op === "send")
            sends.push(
              ch.send(ctx, i).then(
                () => i,
                () => null,
              ),
            );
          if (op === "recv")
            receives.push(
              ch.recv(ctx).then(
                (v) => (v === closed ? null : v),
                () => null,
              ),
            );
        }
        const left: number[] = [];
        await setImmediate();
        for (let v = ch.tryRecv(); v !== empty && v !== closed; v = ch.tryRecv()) left.push(v);
        ch.close();
        const sent = (await Promise.all(sends)).filter((v) => v !== null);
        const got = (await Promise.all(receives)).filter((v) => v !== null).concat(left);
        assert.deepEqual(
          got.toSorted((a, b) => a - b),
          sent,
        );
      }),
      { numRuns: 300 },
    );
  });
});

// 55, 56: direction and variance hold at compile time.
export function directions(both: Chan<number>): void {
  const out: Receiver<number> = both;
  const into: Sender<number> = both;
  const wide: Receiver<number | string> = both;
  const narrow: Sender<1> = both;
  // @ts-expect-error a receiver cannot send
  out.trySend(1);
  // @ts-expect-error a receiver cannot close
  out.close();
  // @ts-expect-error a sender cannot receive
  into.tryRecv();
  // @ts-expect-error one end is not a channel
  const back: Chan<number> = into;
  // @ts-expect-error a channel is invariant
  const bad: Chan<number | string> = both;
  void [wide, narrow, back, bad];
}
