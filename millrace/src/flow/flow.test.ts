import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import fc from "fast-check";
import { chan } from "../chan/index.ts";
import { collected } from "../context/testing/observe.ts";
import { type Ctx, background, sleep, withCancel } from "../context/index.ts";
import { batch, map, merge, pipeline, race, tee, throttle } from "./index.ts";
import { alive } from "../task/testing/hops.ts";
import { arbitrarySource, collect, filled, hops, names, upTo, watched } from "./testing/sources.ts";

const doomed = new Error("doomed");

afterEach(() => assert.deepEqual(names(), []));

describe("merge", () => {
  test("198: ends when all inputs have ended, with all values, each source in its order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitrarySource, { maxLength: 5 }),
        fc.option(fc.nat(60), { nil: undefined }),
        async (sources, leaves) => {
          const tagged = sources.map(({ make }, i) =>
            map(background, make(), { workers: 1 }, (_ctx, n) => [i, n] as const),
          );
          const { got, err } = await collect(merge(background, ...tagged), leaves);
          assert.deepEqual([names(), err], [[], undefined]);
          for (const [i, { n }] of sources.entries()) {
            const part = got.filter(([tag]) => tag === i).map(([, value]) => value);
            assert.deepEqual(part, upTo(part.length));
            if (leaves === undefined) assert.equal(part.length, n);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test("198: an error ends all of it, after the values that came before", async () => {
    const slow = chan<number>();
    const sources = [watched([1, 2], [], doomed), watched(upTo(50), Array(50).fill(50) as number[])];
    const { got, err } = await collect(merge(background, slow, ...sources.map((s) => s.source)));
    assert.deepEqual([got.slice(0, 2), err, sources[0]!.open], [[1, 2], doomed, 0]);
    // Nobody is left who would take it.
    assert.equal(slow.trySend(1), false);
  });

  test("198: what was read before the error is delivered before it", async () => {
    const flow = merge(background, [1, 2], watched([], [], doomed).source);
    assert.equal((await flow.next()).value, 1);
    await hops(10);
    assert.equal((await flow.next()).value, 2);
    await assert.rejects(flow.next(), (err) => err === doomed);
  });

  test("nothing merged is nothing", async () => {
    assert.deepEqual(await collect(merge(background)), { got: [] });
  });
});

describe("tee", () => {
  test("198: every copy gives every value, whatever their pace, and leaves when it likes", async () => {
    const pace = fc.record({ turns: fc.nat(2), leaves: fc.option(fc.nat(30), { nil: undefined }) });
    await fc.assert(
      fc.asyncProperty(
        arbitrarySource,
        fc.array(pace, { minLength: 1, maxLength: 4 }),
        fc.nat(3),
        async (source, paces, buffer) => {
          const copies = tee(background, source.make(), { copies: paces.length, buffer });
          const results = await Promise.all(
            copies.map(async (copy, i) => {
              const { turns, leaves } = paces[i]!;
              if (leaves === 0) await copy.return();
              return collect(
                map(background, copy, { workers: 1 }, async (_ctx, n) => (await hops(turns), n)),
                leaves,
              );
            }),
          );
          assert.deepEqual(names(), []);
          for (const [i, { got, err }] of results.entries()) {
            assert.deepEqual([got, err], [upTo(Math.min(source.n, paces[i]!.leaves ?? source.n)), undefined]);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test("an error comes to every copy; the end of the context too", async () => {
    const copies = tee(background, watched([1, 2], [], doomed).source, { copies: 3 });
    for (const result of await Promise.all(copies.map((copy) => collect(copy)))) {
      assert.deepEqual(result, { got: [1, 2], err: doomed });
    }
    const ctx = withCancel(background);
    const reading = tee(ctx, chan<number>()).map((copy) => collect(copy));
    await hops();
    ctx.cancel();
    for (const { err } of await Promise.all(reading)) assert.equal(err, ctx.err);
  });

  test("when all copies have been left the source has ended, also one that would wait for ever", async () => {
    const source = chan<number>(1);
    source.trySend(1);
    const copies = tee(background, source, { copies: 3 });
    for (const result of await Promise.all(copies.map((copy) => collect(copy, 1))))
      assert.deepEqual(result, { got: [1] });
    assert.deepEqual(names(), []);
    assert.equal(source.trySend(2), true);
    assert.equal(source.length, 1);
  });

  test("who leaves last waits until the source is closed", async () => {
    let closes = 0;
    async function* source(): AsyncGenerator<number> {
      try {
        for (;;) yield 1;
      } finally {
        await hops(5);
        closes++;
      }
    }
    const copies = tee(background, source());
    await Promise.all(copies.map((copy) => copy.next()));
    await hops(); // the source has given the next value, which nobody takes
    await Promise.all(copies.map((copy) => copy.return()));
    assert.deepEqual([closes, names()], [1, []]);
  });

  test("the slowest decides the pace: the source is `buffer` ahead of it", async () => {
    const source = watched(upTo(100));
    const [fast, slow] = tee(background, source.source, { buffer: 4 });
    const reading = collect(fast!);
    await hops(20);
    // Not begun, and so not one value taken; one more is in the pump's hand.
    assert.ok(source.given.length <= 4 + 2, String(source.given.length));
    assert.deepEqual((await collect(slow!, 10)).got, upTo(10));
    assert.deepEqual((await reading).got, upTo(100));
  });
});

describe("batch", () => {
  test("full batches, and the rest at the end; whatever the source, nothing is lost", async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySource, fc.integer({ min: 1, max: 7 }), async (source, size) => {
        const { got } = await collect(batch(background, source.make(), { size }));
        assert.deepEqual(got.flat(), upTo(source.n));
        assert.ok(got.every((values, i) => (i < got.length - 1 ? values.length === size : values.length > 0)));
      }),
      { numRuns: 100 },
    );
  });

  test("a batch does not wait longer than withinMs, and no value is lost by that", async () => {
    const source = chan<number>(2);
    const flow = batch(background, source, { size: 3, withinMs: 5 });
    for (const v of [1, 2]) source.trySend(v);
    const got: number[] = [];
    // Both in one batch, unless the machine is so slow that the first one's time is over before the second is read.
    while (got.length < 2) got.push(...(await flow.next()).value!);
    assert.deepEqual(got, [1, 2]);
    source.close();
    assert.equal((await flow.next()).done, true);
  });

  test("a batch that is full does not wait until its time is over", async () => {
    const flow = batch(background, filled([1, 2, 3, 4]), { size: 3, withinMs: 60_000 });
    assert.deepEqual((await flow.next()).value, [1, 2, 3]);
    assert.deepEqual((await collect(flow)).got, [[4]]);
  });

  test("what an async iterable was asked for when the time was over is in the next batch", async () => {
    const gate = Promise.withResolvers<void>();
    async function* source(): AsyncGenerator<number> {
      yield 1;
      await gate.promise;
      yield 2;
    }
    const flow = batch(background, source(), { size: 2, withinMs: 2 });
    assert.deepEqual((await flow.next()).value, [1]);
    gate.resolve();
    assert.deepEqual((await collect(flow)).got, [[2]]);
  });

  test("what came before an error is given before it", async () => {
    const source = watched([1, 2, 3], [], doomed);
    assert.deepEqual(await collect(batch(background, source.source, { size: 2 })), { got: [[1, 2], [3]], err: doomed });
  });

  test("bad options are refused", () => {
    for (const size of [0, 1.5]) assert.throws(() => batch(background, [], { size }), RangeError);
    for (const withinMs of [0, -1, Number.NaN]) {
      assert.throws(() => batch(background, [], { size: 1, withinMs }), RangeError);
    }
  });
});

describe("throttle", () => {
  test("values pass at the rate, never faster, the burst apart", async () => {
    for (const burst of [1, 4]) {
      const began = performance.now();
      const { got } = await collect(throttle(background, upTo(10), { rate: 1, perMs: 4, burst }));
      const tookMs = performance.now() - began;
      assert.deepEqual(got, upTo(10));
      assert.ok(tookMs >= (10 - burst) * 4, `${tookMs} ms`);
    }
  });

  test("a value is not taken before it may pass; leaving ends the wait", async () => {
    const source = filled(upTo(5));
    for await (const _ of throttle(background, source, { rate: 1, perMs: 60_000, burst: 2 })) {
      if (source.length === 3) break;
    }
    await hops();
    assert.equal(source.length, 3);
  });

  test("the context ends the wait", async () => {
    const ctx = withCancel(background);
    const got: number[] = [];
    await assert.rejects(
      (async () => {
        for await (const v of throttle(ctx, upTo(5), { rate: 1, perMs: 60_000 })) {
          got.push(v);
          setImmediate(() => ctx.cancel());
        }
      })(),
      (err) => err === ctx.err,
    );
    assert.deepEqual(got, [0]);
  });

  test("bad options are refused", () => {
    const bad = [{ rate: 0 }, { rate: Number.NaN }, { rate: 1, perMs: 0 }, { rate: 1, burst: 0 }];
    for (const options of bad) assert.throws(() => throttle(background, [], options), RangeError);
  });
});

describe("race", () => {
  const after = (turns: number, value: string | Error) => async (): Promise<string> => {
    await hops(turns);
    if (value instanceof Error) throw value;
    return value;
  };

  test("the first success wins, and the others are canceled and have ended", async () => {
    let canceled = 0;
    const loser = (ctx: Ctx): Promise<never> =>
      sleep(ctx, 60_000)
        .finally(() => canceled++)
        .then(() => assert.fail());
    assert.equal(await race<string>(background, [loser, after(1, doomed), after(2, "won"), loser]), "won");
    assert.deepEqual([canceled, names()], [2, []]);
  });

  test("the first success wins though another finishes in spite of the cancel, and though one failed before", async () => {
    assert.equal(await race<string>(background, [after(3, "second"), after(1, "first")]), "first");
    const heeding = async (ctx: Ctx): Promise<string> => {
      await hops(3);
      ctx.throwIfDone();
      return "won";
    };
    assert.equal(await race<string>(background, [after(1, doomed), heeding]), "won");
  });

  test("all fail: the join of their errors in order; one alone: its error", async () => {
    const [a, b] = [new Error("a"), new Error("b")];
    await assert.rejects(race(background, [after(3, a), after(1, b)]), (err) => {
      assert.ok(err instanceof AggregateError);
      assert.deepEqual(err.errors, [a, b]);
      return true;
    });
    await assert.rejects(race(background, [after(0, a)]), (err) => err === a);
  });

  test("the context ends it", async () => {
    const ctx = withCancel(background);
    const racing = race(ctx, [(inner) => sleep(inner, 60_000), (inner) => sleep(inner, 60_000)]);
    await hops();
    ctx.cancel();
    await assert.rejects(racing, (err) => err === ctx.err);
    await assert.rejects(race(ctx, [() => assert.fail("started")]), (err) => err === ctx.err);
    await assert.rejects(race(background, []), RangeError);
  });

  test("undefined is a success", async () => {
    assert.equal(await race(background, [() => undefined, () => hops(2)]), undefined);
  });
});

describe("pipeline", () => {
  const make = (source: AsyncIterable<number> | number[], fail?: number): AsyncIterable<number[]> =>
    pipeline(background, source)
      .through((ctx, numbers) =>
        map(ctx, numbers, { workers: 3, ordered: true }, async (_ctx, n) => {
          if (n === fail) throw doomed;
          await hops(n % 2);
          return n * n;
        }),
      )
      .through((ctx, squares) => batch(ctx, squares, { size: 4 }));

  test("values go through the stages", async () => {
    assert.deepEqual((await collect(make(upTo(10)))).got, [
      [0, 1, 4, 9],
      [16, 25, 36, 49],
      [64, 81],
    ]);
    assert.deepEqual((await collect(pipeline(background, filled(upTo(3))))).got, upTo(3));
  });

  test("an error of a stage comes out after what was produced before it, and every stage has ended", async () => {
    const source = watched(upTo(100));
    const { got, err } = await collect(make(source.source, 9));
    // What was under way at that moment is lost with it.
    assert.ok(got.flat().length >= 6);
    assert.deepEqual([got.flat(), err, source.open], [upTo(got.flat().length).map((n) => n * n), doomed, 0]);
  });

  test("leaving ends every stage and the source", async () => {
    const source = watched(upTo(100));
    assert.equal((await collect(make(source.source), 2)).got.length, 2);
    assert.deepEqual([source.open, names()], [0, []]);
  });

  test("drain runs it for what its stages do", async () => {
    let sum = 0;
    await pipeline(background, upTo(10))
      .through((ctx, numbers) => map(ctx, numbers, { workers: 2 }, (_ctx, n) => void (sum += n)))
      .drain();
    assert.equal(sum, 45);
  });
});

test("251: a flow that goes on for long keeps nothing of the values that have gone", async () => {
  const before = alive();
  const source = watched(upTo(500), Array(500).fill(1) as number[]);
  await using flow = map(background, source.source, { workers: 2 }, (_ctx, n) => n);
  for (let i = 0; i < 400; i++) await flow.next();
  assert.ok(alive() - before < 50);
});

test("251: however flows end, a context that lives on keeps nothing of them", async () => {
  const ctx = withCancel(background);
  const refs: WeakRef<object>[] = [];
  const before = alive();
  const kept = <T extends object>(value: T): T => (refs.push(new WeakRef(value)), value);
  for (let i = 0; i < 20; i++) {
    await collect(kept(map(ctx, upTo(5), { workers: 2 }, (_ctx, n) => n)));
    await collect(kept(map(ctx, upTo(5), { workers: 2, ordered: true }, (_ctx, n) => n)), 2);
    await collect(kept(map(ctx, watched([1], [], doomed).source, { workers: 2 }, (_ctx, n) => n)));
    await Promise.all(tee(ctx, upTo(5)).map((copy, n) => collect(kept(copy), n === 0 ? 2 : 9)));
    await collect(kept(tee(ctx, watched([], [], doomed).source)[0]!));
    await collect(kept(merge(ctx, kept(batch(ctx, upTo(5), { size: 2, withinMs: 50 })))));
    await kept(throttle(ctx, upTo(5), { rate: 1 })).return();
    await race(ctx, [() => hops(1), (inner) => sleep(inner, 60_000)]);
  }
  await collected(refs);
  const after = alive();
  assert.ok(after <= before, `${after} are alive, ${before} before`);
  ctx.cancel();
});
