import assert from "node:assert/strict";
import { createConnection, createServer } from "node:net";
import { describe, it } from "node:test";
import { background } from "../context/index.ts";
import { install } from "../runtime/hook.ts";
import { silent } from "../runtime/testing/silent.ts";
import { type Chan, type Closed, chan, closed, empty } from "./index.ts";
import { marked, settled, ticks } from "./testing/observe.ts";

describe("making a channel", () => {
  for (const size of [-1, Number.NaN, 1.5, 2 ** 31 + 1, Infinity]) {
    it(`1: capacity ${size} is refused`, () => assert.throws(() => chan(size), /size out of range/));
  }
  it("1: the largest capacity takes no memory before it is used", () => {
    assert.equal(chan<number>(2 ** 31).trySend(1), true);
    assert.throws(() => chan(-1), RangeError);
  });
  it("2, 3: length counts the buffered values, capacity never changes", () => {
    assert.deepEqual([chan().capacity, chan().length], [0, 0]);
    assert.deepEqual([chan(0).capacity, chan(0).length], [0, 0]);
    for (const capacity of [1, 2, 3, 5, 64, 100]) {
      const ch = chan<number>(capacity);
      for (let k = 0; k < capacity; k++) {
        assert.deepEqual([ch.length, ch.capacity], [k, capacity]);
        assert.equal(ch.trySend(k), true);
      }
      assert.equal(ch.trySend(-1), false);
      assert.deepEqual([ch.length, ch.capacity], [capacity, capacity]);
    }
  });
  it("4: an unbuffered channel has length 0, also while senders wait", async () => {
    const ch = chan<number>();
    const sends = [ch.send(background, 1), ch.send(background, 2)];
    assert.equal(ch.length, 0);
    assert.deepEqual([ch.tryRecv(), ch.length, ch.tryRecv()], [1, 0, 2]);
    await Promise.all(sends);
  });
});

describe("send and receive", () => {
  it("5: two receivers on an empty channel wait until a send, at every capacity", async () => {
    for (let capacity = 0; capacity < 10; capacity++) {
      const ch = chan<number>(capacity);
      const receives = [ch.recv(background), ch.recv(background)];
      assert.deepEqual(await Promise.all(receives.map(settled)), [false, false]);
      await ch.send(background, 1);
      assert.deepEqual(await Promise.all(receives.map(settled)), [true, false]);
      await ch.send(background, 2);
      assert.deepEqual(await Promise.all(receives), [1, 2]);
    }
  });
  it("6: a send on a full channel waits, and trySend changes nothing", async () => {
    const ch = chan<number>(1);
    await ch.send(background, 1);
    assert.deepEqual([ch.trySend(2), ch.length], [false, 1]);
    const send = ch.send(background, 3);
    assert.equal(await settled(send), false);
    assert.deepEqual([await ch.recv(background), await ch.recv(background)], [1, 3]);
    await send;
  });
  it("7: tryRecv on an empty open channel changes nothing", () => {
    const ch = chan<number>(1);
    assert.deepEqual([ch.tryRecv(), ch.tryRecv(), ch.length], [empty, empty, 0]);
    assert.equal(ch.trySend(1), true);
  });
  it("8: a buffered send with room needs no receiver", async () => {
    const ch = chan<number>(2);
    await ch.send(background, 1);
    await ch.send(background, 2);
    assert.equal(ch.length, 2);
  });
  it("9: an unbuffered send completes with its receive, trySend needs a waiting receiver", async () => {
    const ch = chan<number>();
    assert.equal(ch.trySend(1), false);
    const got = ch.recv(background);
    assert.equal(ch.trySend(1), true);
    assert.equal(await got, 1);
    const send = ch.send(background, 2);
    assert.equal(await settled(send), false);
    assert.equal(ch.tryRecv(), 2);
    await send;
  });
  it("10: a waiting receiver gets the value past the buffer", async () => {
    const ch = chan<number>(4);
    const got = ch.recv(background);
    assert.deepEqual([ch.trySend(1), ch.length], [true, 0]);
    assert.equal(await got, 1);
  });
  it("11: a receive from a full buffer moves the first blocked sender up", async () => {
    const ch = chan<number>(2);
    const sends = [1, 2, 3, 4].map((v) => ch.send(background, v));
    assert.equal(ch.tryRecv(), 1);
    await sends[2];
    assert.deepEqual([ch.length, await settled(sends[3]!)], [2, false]);
    assert.deepEqual([ch.tryRecv(), ch.tryRecv(), ch.tryRecv(), ch.tryRecv()], [2, 3, 4, empty]);
    await sends[3];
  });
  it("12: values arrive in order, for each capacity from 0 to 200", async () => {
    for (let capacity = 0; capacity <= 200; capacity++) {
      const ch = chan<number>(capacity);
      const sending = (async () => {
        for (let i = 0; i < 100; i++) await ch.send(background, i);
        ch.close();
      })();
      let next = 0;
      for await (const v of ch.iter(background)) assert.equal(v, next++);
      assert.equal(next, 100);
      await sending;
    }
  });
  it("13, 14: waiters are served in the order they came, and go on in it", async () => {
    const ch = chan<number>();
    const order: number[] = [];
    const receives = [0, 1, 2, 3, 4, 5].map(async (i) => {
      assert.equal(await ch.recv(background), i);
      order.push(i);
    });
    for (const v of [0, 1, 2, 3, 4, 5]) assert.equal(ch.trySend(v), true);
    await Promise.all(receives);
    const sends = [6, 7, 8, 9, 10, 11].map(async (v) => {
      await ch.send(background, v);
      order.push(v);
    });
    for (const v of [6, 7, 8, 9, 10, 11]) assert.equal(ch.tryRecv(), v);
    await Promise.all(sends);
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
  it("13: the order holds over any number of hand-offs in one turn", async () => {
    const ch = chan<number>();
    const order: number[] = [];
    const receives = Array.from({ length: 5000 }, async () => void order.push((await ch.recv(background)) as number));
    for (let v = 0; v < 5000; v++) ch.trySend(v);
    await Promise.all(receives);
    assert.ok(order.every((v, i) => v === i));
  });
  it("15: nothing is lost or doubled between 4 producers and 4 consumers", async () => {
    for (const capacity of [0, 1, 10]) {
      const ch = chan<number>(capacity);
      const seen = new Map<number, number>();
      const consumers = [1, 2, 3, 4].map(async () => {
        for await (const v of ch.iter(background)) seen.set(v, (seen.get(v) ?? 0) + 1);
      });
      await Promise.all(
        [1, 2, 3, 4].map(async () => {
          for (let v = 0; v < 1000; v++) await ch.send(background, v);
        }),
      );
      ch.close();
      await Promise.all(consumers);
      assert.equal(seen.size, 1000);
      assert.ok([...seen.values()].every((n) => n === 4));
    }
  });
  it("18: channels carry channels, also themselves", async () => {
    interface Self extends Chan<Self> {}
    const ch = chan<Self>(1) as Self;
    await ch.send(background, ch);
    assert.equal(await ch.recv(background), ch);
    const outer = chan<Chan<number>>();
    const inner = chan<number>(1);
    const got = outer.recv(background);
    await outer.send(background, inner);
    assert.equal(await got, inner);
  });
  it("19: undefined, null, NaN, 0, '' and false are ordinary values, buffered or handed over", async () => {
    const values = [undefined, null, Number.NaN, 0, "", false];
    const ch = chan<unknown>(values.length);
    for (const v of values) ch.trySend(v);
    for (const v of values) assert.ok(Object.is(await ch.recv(background), v));
    for (const v of values) {
      const got = ch.recv(background);
      assert.ok(ch.trySend(v));
      assert.ok(Object.is(await got, v));
      const next = ch.iter(background)[Symbol.asyncIterator]().next();
      ch.trySend(v);
      assert.deepEqual(await next, { done: false, value: v });
    }
    assert.equal(ch.tryRecv(), empty);
  });
  it("20: a promise is refused as a value by the type; inside an object it arrives untouched", async () => {
    // @ts-expect-error a channel of promises takes nothing
    assert.equal(chan<Promise<number>>(1).trySend(Promise.resolve(1)), true);
    const ch = chan<{ readonly promise: Promise<number> }>(1);
    const value = { promise: Promise.resolve(1) };
    await ch.send(background, value);
    assert.equal(await ch.recv(background), value);
  });
  it("22: closing what is no channel throws", () => {
    assert.throws(() => (undefined as unknown as Chan<number>).close(), TypeError);
  });
  it("23: recv and send decide at the call, in the order of the calls", async () => {
    const ch = chan<string>(1);
    const first = ch.recv(background);
    const second = ch.recv(background);
    const sends = [ch.send(background, "a"), ch.send(background, "b"), ch.send(background, "c")];
    assert.equal(ch.length, 1);
    assert.deepEqual([await first, await second, ch.tryRecv()], ["a", "b", "c"]);
    await Promise.all(sends);
  });
  it("25: the sender goes on before the receiver that it wakes", async () => {
    const ch = chan<number>();
    const order: string[] = [];
    const receiver = ch.recv(background).then(() => order.push("receiver"));
    ch.trySend(1);
    order.push("sender");
    const sender = ch.send(background, 2).then(() => order.push("woken sender"));
    assert.equal(ch.tryRecv(), 2);
    order.push("taker");
    await Promise.all([receiver, sender]);
    assert.deepEqual(order, ["sender", "taker", "receiver", "woken sender"]);
  });
  it("31: reading length and capacity touches nothing", () => {
    const ch = chan<number>(1);
    install({ ...silent, park: () => assert.fail() });
    try {
      assert.deepEqual([ch.length, ch.capacity], [0, 1]);
    } finally {
      install(null);
    }
  });
  it("a hook is told of each wait, and on what", async () => {
    const ch = chan<number>();
    const waits: unknown[] = [];
    install({ ...silent, park: (waiter, wait, on) => waits.push([waiter.constructor.name, wait, on === ch]) });
    try {
      const got = ch.recv(background);
      await ch.send(background, 1);
      const send = ch.send(background, 2);
      assert.deepEqual([await got, ch.tryRecv()], [1, 2]);
      await send;
    } finally {
      install(null);
    }
    assert.deepEqual(waits, [
      ["Parked", "recv", true],
      ["Parked", "send", true],
    ]);
  });
});

describe("fairness", () => {
  async function pingPongUntil(over: () => boolean): Promise<number> {
    const [ping, pong] = [chan<number>(), chan<number>()];
    const echo = (async () => {
      for await (const v of ping.iter(background)) await pong.send(background, v);
    })();
    let rounds = 0;
    for (; !over(); rounds++) {
      await ping.send(background, 1);
      await pong.recv(background);
    }
    ping.close();
    await echo;
    return rounds;
  }

  it("30: a ping-pong does not starve a timer", { timeout: 10_000 }, async () => {
    let fired = false;
    setTimeout(() => (fired = true), 5);
    assert.ok((await pingPongUntil(() => fired)) > 0);
  });

  it("30: a ping-pong does not starve a socket", { timeout: 10_000 }, async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
    await marked(server, "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const client = createConnection(address.port, "127.0.0.1");
    let echoed = 0;
    client.on("connect", () => client.write("x"));
    client.on("data", () => (++echoed < 50 ? client.write("x") : undefined));
    assert.ok((await pingPongUntil(() => echoed === 50)) > 0);
    client.destroy();
    server.close();
  });

  const loops: { name: string; step: (ch: Chan<number>) => Promise<unknown> }[] = [
    { name: "receives of a closed channel", step: (ch) => ch.recv(background) },
    { name: "steps of an iteration", step: (ch) => ch.iter(background)[Symbol.asyncIterator]().next() },
  ];
  for (const { name, step } of loops) {
    it(`30: a loop of ${name}, which never wait, does not starve a timer`, { timeout: 10_000 }, async () => {
      let fired = false;
      setTimeout(() => (fired = true), 5);
      const ch = chan<number>();
      ch.close();
      while (!fired) await step(ch);
    });
  }
  it("30: a task that sends to itself does not starve a timer", { timeout: 10_000 }, async () => {
    let fired = false;
    setTimeout(() => (fired = true), 5);
    const ch = chan<number>(1);
    while (!fired) {
      await ch.send(background, 1);
      await ch.recv(background);
    }
  });
});

describe("batches", () => {
  it("takes what is there, 1 to max", async () => {
    const ch = chan<number>(5);
    for (const v of [1, 2, 3, 4, 5]) ch.trySend(v);
    ch.close();
    const got: number[][] = [];
    for await (const batch of ch.batches(background, 2)) got.push(batch);
    assert.deepEqual(got, [[1, 2], [3, 4], [5]]);
    for (const max of [0, -1, 1.5, Number.NaN]) assert.throws(() => ch.batches(background, max), RangeError);
  });
  it("takes the values of waiting senders, in order", async () => {
    for (const capacity of [0, 2]) {
      const ch = chan<number>(capacity);
      const sends = [1, 2, 3, 4, 5].map((v) => ch.send(background, v));
      const { value } = await ch.batches(background)[Symbol.asyncIterator]().next();
      assert.deepEqual(value, [1, 2, 3, 4, 5]);
      await Promise.all(sends);
    }
  });
  it("waits for one and gives with it what came until the task goes on", async () => {
    const ch = chan<number>(8);
    const next = ch.batches(background)[Symbol.asyncIterator]().next();
    await ticks(3);
    for (const v of [1, 2, 3]) ch.trySend(v);
    assert.deepEqual((await next).value, [1, 2, 3]);
    const last = ch.batches(background)[Symbol.asyncIterator]().next();
    ch.close();
    assert.equal((await last).done, true);
  });
});

// The value of a receive narrows by ===.
export function narrowed(value: number | Closed): number {
  return value === closed ? 0 : value.valueOf();
}
