import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { background, withCancel } from "../context/index.ts";
import { nodeOf } from "../context/node.ts";
import { collected, cpuMs, shuffled } from "../context/testing/observe.ts";
import { chan, empty, fromPromise, select, trySelect } from "./index.ts";
import { heapUsed, mixedOperations } from "./testing/heap.ts";

describe("memory", () => {
  it("26: tryRecv and trySend allocate nothing", async () => {
    const ch = chan<number>(64);
    const run = (n: number): void => {
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < 64; k++) ch.trySend(k);
        for (let k = 0; k < 64; k++) if (ch.tryRecv() !== k) throw new Error("wrong");
      }
    };
    run(5000);
    // Compilation allocates now and then, an operation that does would allocate each time: 12 MB for one word of it.
    let least = Infinity;
    for (let i = 0; i < 5; i++) {
      const before = await heapUsed();
      run(10_000);
      least = Math.min(least, process.memoryUsage().heapUsed - before);
    }
    assert.ok(least < 1_000_000, `${least} bytes for 1,280,000 operations`);
  });
  it("26: recv gives one native promise, a send that need not wait the same one each time", () => {
    const ch = chan<number>(4);
    ch.trySend(1);
    assert.equal(Object.getPrototypeOf(ch.recv(background)), Promise.prototype);
    const sends = [1, 2, 3].map(() => ch.send(background, 1));
    assert.equal(sends[1], sends[2]);
  });
  it("29: what was received is held by nobody", async () => {
    for (const capacity of [0, 1, 4]) {
      const ch = chan<object>(capacity);
      const refs: WeakRef<object>[] = [];
      const pass = async (): Promise<void> => {
        for (let i = 0; i < 20; i++) {
          const value = { i };
          refs.push(new WeakRef(value));
          const send = ch.send(background, value);
          await (i % 2 === 0 ? ch.recv(background) : select(background, { ch }));
          await send;
          const lost = { i };
          refs.push(new WeakRef(lost));
          trySelect({ lost: chan<object>().onSend(lost), won: filled() });
          const ctx = withCancel(background);
          const full = filled();
          const waiting = select(ctx, { put: full.onSend(lost) }).catch(() => {});
          ctx.cancel();
          await waiting;
        }
      };
      await pass();
      await collected(refs);
      assert.equal(ch.tryRecv(), empty);
    }
  });
  it("80: 50,000 selects against one pending promise keep the heap flat", async () => {
    const forever = new Promise<never>(() => {});
    const ch = chan<number>(1);
    const run = async (n: number): Promise<void> => {
      for (let i = 0; i < n; i++) {
        const waiting = select(background, { ch, end: fromPromise(forever) });
        ch.trySend(i);
        await waiting;
      }
    };
    await run(5000);
    const before = await heapUsed();
    await run(50_000);
    const grown = (await heapUsed()) - before;
    assert.ok(grown < 1_000_000, `${grown} bytes more`);
  });
  it("79: blocked selects leave no waiter behind, on channels nor on the context", async () => {
    using ctx = withCancel(background);
    const chans = Array.from({ length: 8 }, () => chan<number>());
    const cases = Object.fromEntries(chans.map((ch, i) => [`c${i}`, ch]));
    const run = async (n: number): Promise<void> => {
      for (let i = 0; i < n; i++) {
        const waiting = select(ctx, cases);
        chans[i % 8]!.trySend(i);
        await waiting;
      }
    };
    await run(2000);
    const before = await heapUsed();
    await run(20_000);
    const grown = (await heapUsed()) - before;
    assert.ok(grown < 1_000_000, `${grown} bytes more`);
    assert.ok(chans.every((ch) => !ch.trySend(1)));
    assert.equal(nodeOf(ctx).core.firstWaiter, null);
  });
  it("251: the heap is flat over mixed operations", async () => {
    await mixedOperations(5000, 1);
    const before = await heapUsed();
    await mixedOperations(60_000, 2);
    const grown = (await heapUsed()) - before;
    assert.ok(grown < 1_500_000, `${grown} bytes more`);
  });
});

describe("size", () => {
  it("100,000 parked waits, each with its own context, are cancelled in random order in linear time", async () => {
    const cost = async (n: number): Promise<number> => {
      const ch = chan<number>();
      const other = chan<number>();
      const ctxs = Array.from({ length: n }, () => withCancel(background));
      const waits = ctxs.map((ctx, i) => (i % 2 === 0 ? ch.recv(ctx) : select(ctx, { ch, other })).catch(() => 1));
      const startedAt = cpuMs();
      for (const ctx of shuffled(ctxs, 5)) ctx.cancel();
      const took = cpuMs() - startedAt;
      await Promise.all(waits);
      assert.deepEqual([ch.trySend(1), other.trySend(1)], [false, false]);
      return took;
    };
    const best = async (n: number): Promise<number> => Math.min(await cost(n), await cost(n), await cost(n));
    await cost(5000);
    const [small, large] = [await best(5000), await cost(100_000)];
    // Twenty times the work; four hundred times if it were quadratic.
    assert.ok(large < 60 * small + 100, `${small} ms for 5,000, ${large} ms for 100,000`);
  });
});

function filled(): ReturnType<typeof chan<object>> {
  const ch = chan<object>(1);
  ch.trySend({});
  return ch;
}
