import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { type CancelCtx, type Ctx, background, ctxKey, sleep, withCancel, withValue } from "../context/index.ts";
import { type Shared, SingleFlight } from "./index.ts";
import { hops, names, rejections } from "./testing/hops.ts";

afterEach(() => assert.deepEqual(names(), []));

// A call that waits for a gate, and counts how often it was made.
function gated<V>(): { calls: number; fn: () => Promise<V>; resolve(v: V): void; reject(err: unknown): void } {
  const gate = Promise.withResolvers<V>();
  const it = {
    calls: 0,
    fn: (): Promise<V> => {
      it.calls++;
      return gate.promise;
    },
    resolve: gate.resolve,
    reject: gate.reject,
  };
  return it;
}

describe("do", () => {
  // Go: TestDo, TestDoErr.
  test("177: a call alone gives its value or error, and is not shared", async () => {
    const sf = new SingleFlight<string, string>();
    assert.deepEqual(await sf.do(background, "key", () => "bar"), { value: "bar", shared: false });
    const err = new Error("some");
    await assert.rejects(
      sf.do(background, "key", () => Promise.reject(err)),
      (thrown) => thrown === err,
    );
  });

  // Go: TestDoDupSuppress.
  test("177, 182: calls for one key at one time are one call, and all are told that they share it", async () => {
    const sf = new SingleFlight<string, string>();
    const call = gated<string>();
    const results: Promise<Shared<string>>[] = [];
    for (let i = 0; i < 10; i++) {
      results.push(sf.do(background, "key", call.fn));
      if (i === 5) await hops();
    }
    call.resolve("bar");
    assert.deepEqual(
      await Promise.all(results),
      results.map(() => ({ value: "bar", shared: true })),
    );
    assert.equal(call.calls, 1);
  });

  test("178: different keys run apart", async () => {
    const sf = new SingleFlight<number, number>();
    const results = await Promise.all([1, 2, 3].map((key) => sf.do(background, key, () => key * 10)));
    assert.deepEqual(
      results.map((r) => [r.value, r.shared]),
      [
        [10, false],
        [20, false],
        [30, false],
      ],
    );
  });

  test("179: an error goes to all and is not kept", async () => {
    const sf = new SingleFlight<string, number>();
    const err = new Error("x");
    const call = gated<number>();
    const results = [1, 2, 3].map(() => sf.do(background, "k", call.fn));
    call.reject(err);
    for (const result of results) await assert.rejects(result, (thrown) => thrown === err);
    assert.equal((await sf.do(background, "k", () => 1)).value, 1);
  });

  // Go: TestPanicDo.
  test("180: a throw reaches every waiter, nobody hangs, the key is free", { timeout: 5000 }, async () => {
    const sf = new SingleFlight<string, number>();
    const panic = new TypeError("nil pointer");
    const results = Array.from({ length: 5 }, () =>
      sf.do(background, "k", () => {
        throw panic;
      }),
    );
    for (const result of await Promise.allSettled(results)) {
      assert.ok(result.status === "rejected" && result.reason === panic);
    }
    assert.deepEqual(await sf.do(background, "k", () => 2), { value: 2, shared: false });
  });

  test("184: keys are compared as Map does: NaN is itself, 0 is -0, objects by identity", async () => {
    const same: [unknown, unknown, boolean][] = [
      [Number.NaN, Number.NaN, true],
      [0, -0, true],
      [{}, {}, false],
      ["1", 1, false],
      [Object.create(null), null, false],
      [Symbol.iterator, Symbol.iterator, true],
    ];
    for (const [a, b, shared] of same) {
      const sf = new SingleFlight<unknown, number>();
      const results = await Promise.all([sf.do(background, a, () => 1), sf.do(background, b, () => 2)]);
      assert.deepEqual(
        results.map((r) => r.value),
        shared ? [1, 1] : [1, 2],
      );
    }
  });

  test("the key is free when the awaiter goes on", async () => {
    const sf = new SingleFlight<string, number>();
    for (let i = 0; i < 3; i++) assert.equal((await sf.do(background, "k", async () => i)).value, i);
  });
});

describe("forget", () => {
  // Go: TestForget.
  test("the next call runs beside the one under way, whose end does not free the new one's key", async () => {
    const sf = new SingleFlight<string, number>();
    const [first, second] = [gated<number>(), gated<number>()];
    const one = sf.do(background, "k", first.fn);
    sf.forget("k");
    const two = sf.do(background, "k", second.fn);
    first.resolve(1);
    assert.deepEqual(await one, { value: 1, shared: false });
    const three = sf.do(background, "k", () => 3);
    second.resolve(2);
    for (const result of [two, three]) assert.deepEqual(await result, { value: 2, shared: true });
    sf.forget("nothing");
  });
});

describe("cancellation", () => {
  // Three callers of one call, which reports its context.
  async function shared(): Promise<{
    ctxs: CancelCtx[];
    results: Promise<unknown>[];
    inner: Ctx;
    sf: SingleFlight<string, number>;
  }> {
    const sf = new SingleFlight<string, number>();
    const ctxs = [1, 2, 3].map(() => withCancel(background));
    let inner: Ctx | undefined;
    const results = ctxs.map((ctx) =>
      sf
        .do(ctx, "k", async (own) => {
          inner = own;
          await sleep(own, 60_000);
          return 1;
        })
        .catch((err: unknown) => err),
    );
    await hops();
    return { ctxs, results, inner: inner!, sf };
  }

  test("who leaves is rejected at once; the call ends when the last one has left, and the key is free", async () => {
    using watch = rejections();
    const { ctxs, results, inner, sf } = await shared();
    for (const [i, ctx] of ctxs.entries()) {
      assert.equal(inner.err, undefined);
      ctx.cancel(i);
      assert.equal(await results[i], ctx.err);
    }
    assert.notEqual(inner.err, undefined);
    assert.deepEqual(await sf.do(background, "k", () => 7), { value: 7, shared: false });
    await hops();
    assert.deepEqual(watch.seen, []);
  });

  test("the key is free as soon as the last one has left, also when the call does not heed that", async () => {
    const sf = new SingleFlight<string, number>();
    const leaving = withCancel(background);
    const stubborn = gated<number>();
    const one = sf.do(leaving, "k", stubborn.fn);
    leaving.cancel();
    const two = sf.do(background, "k", () => 2);
    await assert.rejects(one);
    assert.deepEqual(await two, { value: 2, shared: false });
    stubborn.resolve(1);
    await hops();
  });

  test("the first caller's leaving, its deadline and its end are not the others' business", async () => {
    const sf = new SingleFlight<string, number>();
    const first = withCancel(background);
    const call = gated<number>();
    const one = sf.do(first, "k", call.fn);
    const two = sf.do(background, "k", call.fn);
    first.cancel();
    await assert.rejects(one, (err) => err === first.err);
    call.resolve(5);
    assert.deepEqual(await two, { value: 5, shared: true });
  });

  test("a context that is done neither joins nor starts", async () => {
    const sf = new SingleFlight<string, number>();
    const ctx = withCancel(background);
    ctx.cancel();
    await assert.rejects(
      sf.do(ctx, "k", () => assert.fail("called")),
      (err) => err === ctx.err,
    );
  });

  test("the call has the values of its first caller", async () => {
    const key = ctxKey<string>("who");
    const sf = new SingleFlight<string, string | undefined>();
    const result = await sf.do(withValue(background, key, "first"), "k", (ctx) => ctx.get(key));
    assert.equal(result.value, "first");
  });
});
