import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { background, withCancel } from "../context/index.ts";
import { is } from "../errors/index.ts";
import { chan, closed, empty, select } from "./index.ts";
import { hasReason } from "./testing/observe.ts";

const sendOnClosed = hasReason("chan/send_on_closed_channel");

describe("close", () => {
  it("32: closing twice throws", () => {
    for (const capacity of [0, 1]) {
      const ch = chan<number>(capacity);
      ch.close();
      for (let i = 0; i < 2; i++) assert.throws(() => ch.close(), hasReason("chan/close_of_closed_channel"));
    }
  });
  it("33: a send on a closed channel fails, trySend too, and the value is dropped", async () => {
    for (const capacity of [0, 2]) {
      const ch = chan<number>(capacity);
      ch.close();
      assert.throws(() => ch.trySend(1), sendOnClosed);
      await assert.rejects(ch.send(background, 1), sendOnClosed);
      await assert.rejects(ch.send(background, 1), (err) => is(err, "failed_precondition"));
      assert.deepEqual([ch.length, ch.tryRecv()], [0, closed]);
    }
  });
  it("34, 35: buffered values survive, then closed for ever", async () => {
    const ch = chan<number>(2);
    ch.trySend(1);
    ch.trySend(2);
    ch.close();
    assert.deepEqual([await ch.recv(background), ch.tryRecv()], [1, 2]);
    for (let i = 0; i < 3; i++) assert.deepEqual([await ch.recv(background), ch.tryRecv()], [closed, closed]);
  });
  it("37: every blocked sender fails, on a full buffer what is in it survives", async () => {
    for (const capacity of [0, 2]) {
      const ch = chan<number>(capacity);
      for (let i = 0; i < capacity; i++) ch.trySend(i);
      const sends = Array.from({ length: 100 }, (_, i) => ch.send(background, 100 + i));
      ch.close();
      for (const send of sends) await assert.rejects(send, sendOnClosed);
      const left: unknown[] = [];
      for await (const v of ch.iter(background)) left.push(v);
      assert.deepEqual(left, [0, 1].slice(0, capacity));
    }
  });
  for (const count of [1, 2, 10, 1000]) {
    it(`38: ${count} blocked receivers get closed`, async () => {
      const ch = chan<number>();
      const receives = Array.from({ length: count }, () => ch.recv(background));
      ch.close();
      assert.ok((await Promise.all(receives)).every((v) => v === closed));
    });
  }
  it("40: a channel of one that is never both open and empty is never empty", async () => {
    for (let i = 0; i < 1000; i++) {
      const ch = chan<number>(1);
      ch.trySend(i);
      const trying = Promise.resolve().then(() => ch.tryRecv());
      ch.close();
      assert.equal(await trying, i);
      assert.notEqual(ch.tryRecv(), empty);
    }
  });
  it("41: close wakes selects: a receive gets closed, a send fails, each once", async () => {
    const [ch, full, two, other] = [chan<number>(), chan<number>(), chan<number>(), chan<number>()];
    const recv = select(background, { ch, other });
    const send = select(background, { put: full.onSend(1), other });
    const both = select(background, { send: two.onSend(1), recv: two });
    for (const each of [ch, full, two]) each.close();
    assert.deepEqual(await recv, { key: "ch", value: closed });
    await assert.rejects(send, sendOnClosed);
    // Receivers are woken first, as in Go.
    assert.deepEqual(await both, { key: "recv", value: closed });
    // Nobody was left behind on the other channel.
    assert.equal(other.trySend(1), false);
  });
  it("42: what happened before close is seen by who receives closed", async () => {
    const ch = chan<number>();
    let written = false;
    const reader = ch.recv(background).then((v) => assert.deepEqual([v, written], [closed, true]));
    written = true;
    ch.close();
    await reader;
  });
  it("44: using closes once, and only if nobody did", () => {
    const ch = chan<number>();
    {
      using _ = ch;
      ch.close();
    }
    ch[Symbol.dispose]();
    const open = chan<number>();
    {
      using _ = open;
    }
    assert.deepEqual([ch.tryRecv(), open.tryRecv()], [closed, closed]);
  });
  it("45: of close and cancel in one tick, the first decides", async () => {
    for (const first of ["close", "cancel"] as const) {
      const ch = chan<number>();
      const ctx = withCancel(background);
      const send = ch.send(ctx, 1);
      const recv = chan<number>();
      const got = recv.recv(ctx);
      if (first === "close") ch.close();
      ctx.cancel();
      if (first === "cancel") ch.close();
      await assert.rejects(send, first === "close" ? sendOnClosed : (err) => err === ctx.err);
      await assert.rejects(got, (err) => err === ctx.err);
    }
  });
});
