import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { background } from "../context/index.ts";
import { type Chan, type Receiver, type Sender, chan, closed, select } from "./index.ts";

describe("programs", () => {
  it("16: fan-in of 23 workers over 271,828 items is exact", { timeout: 60_000 }, async () => {
    const [inputs, outputs] = [chan<number>(10), chan<number>(10)];
    const workers = Array.from({ length: 23 }, async () => {
      for await (const v of inputs.iter(background)) await outputs.send(background, v);
    });
    const feeding = (async () => {
      for (let i = 0; i < 271_828; i++) await inputs.send(background, i);
      inputs.close();
      await Promise.all(workers);
      outputs.close();
    })();
    let [count, sum] = [0, 0];
    for await (const batch of outputs.batches(background)) for (const v of batch) [count, sum] = [count + 1, sum + v];
    await feeding;
    assert.deepEqual([count, sum], [271_828, (271_828 * 271_827) / 2]);
  });

  it("17: the prime sieve", async () => {
    const generate = async (out: Sender<number>): Promise<void> => {
      for (let i = 2; ; i++) await out.send(background, i);
    };
    const filter = async (from: Receiver<number>, to: Sender<number>, prime: number): Promise<void> => {
      for await (const v of from.iter(background)) if (v % prime !== 0) await to.send(background, v);
    };
    let ch = chan<number>();
    void generate(ch);
    const primes: number[] = [];
    while (primes.length < 30) {
      const prime = (await ch.recv(background)) as number;
      primes.push(prime);
      const next = chan<number>();
      void filter(ch, next, prime);
      ch = next;
    }
    assert.deepEqual(primes.slice(-6), [97, 101, 103, 107, 109, 113]);
  });

  it("17: a daisy chain of 10,000 receivers", async () => {
    const leftmost = chan<number>();
    let right: Chan<number> = leftmost;
    for (let i = 0; i < 10_000; i++) {
      const [left, next] = [right, chan<number>()];
      void (async () => left.send(background, 1 + ((await next.recv(background)) as number)))();
      right = next;
    }
    void right.send(background, 0);
    assert.equal(await leftmost.recv(background), 10_000);
  });

  it("65: exactly one case fires: 4 sends in one select, 4 muxes, no duplicates", async () => {
    const total = 100_000;
    const outs = [0, 1, 2, 3].map(() => chan<number>());
    const done = chan<number>();
    const [a, b, c, d] = outs as [Chan<number>, Chan<number>, Chan<number>, Chan<number>];
    const sender = (async () => {
      for (let i = 0; i < total; i++) {
        await select(background, { a: a.onSend(i), b: b.onSend(i), c: c.onSend(i), d: d.onSend(i) });
      }
      for (const out of outs) out.close();
    })();
    const muxes = outs.map(async (from) => {
      for await (const v of from.iter(background)) await done.send(background, v);
    });
    const ending = Promise.all(muxes).then(() => done.close());
    const seen = new Uint8Array(total);
    for await (const v of done.iter(background)) {
      assert.equal(seen[v], 0);
      seen[v] = 1;
    }
    await Promise.all([sender, ending]);
    assert.ok(seen.every((n) => n === 1));
  });

  it("74: plain and select senders and receivers on four channels end with exact counts", async () => {
    const N = 2000;
    const chans = [chan<number>(), chan<number>(), chan<number>(2), chan<number>(3)];
    const got = [0, 0, 0, 0];
    const [a, b, c, d] = chans as [Chan<number>, Chan<number>, Chan<number>, Chan<number>];
    const plain = chans.flatMap((ch, i) => [
      (async () => {
        for (let k = 0; k < N; k++) await ch.send(background, k);
      })(),
      (async () => {
        for (let k = 0; k < N; k++) if ((await ch.recv(background)) !== closed) got[i]!++;
      })(),
    ]);
    const sendAll = async (): Promise<void> => {
      const left: Record<string, number> = { a: N, b: N, c: N, d: N };
      for (let k = 0; k < 4 * N; k++) {
        const { key } = await select(background, {
          a: left["a"]! > 0 ? a.onSend(k) : undefined,
          b: left["b"]! > 0 ? b.onSend(k) : undefined,
          c: left["c"]! > 0 ? c.onSend(k) : undefined,
          d: left["d"]! > 0 ? d.onSend(k) : undefined,
        });
        left[key]!--;
      }
    };
    const recvAll = async (): Promise<void> => {
      const left: Record<string, number> = { a: N, b: N, c: N, d: N };
      for (let k = 0; k < 4 * N; k++) {
        const { key } = await select(background, {
          a: left["a"]! > 0 ? a : null,
          b: left["b"]! > 0 ? b : null,
          c: left["c"]! > 0 ? c : null,
          d: left["d"]! > 0 ? d : null,
        });
        left[key]!--;
        got["abcd".indexOf(key)]!++;
      }
    };
    await Promise.all([...plain, sendAll(), recvAll()]);
    assert.deepEqual(got, [2 * N, 2 * N, 2 * N, 2 * N]);
    assert.deepEqual(
      chans.map((ch) => ch.length),
      [0, 0, 0, 0],
    );
  });
});
