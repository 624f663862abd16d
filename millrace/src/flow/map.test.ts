import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import fc from "fast-check";
import { chan, closed } from "../chan/index.ts";
import { type Ctx, background, sleep, withCancel } from "../context/index.ts";
import { Flow, map } from "./index.ts";
import { arbitrarySource, collect, filled, hops, names, upTo, watched } from "./testing/sources.ts";

const doomed = new Error("doomed");

afterEach(() => assert.deepEqual(names(), []));

for (const ordered of [false, true]) {
  describe(`map, ordered: ${ordered}`, () => {
    test("197: at most `workers` calls run, and that many do", async () => {
      for (const workers of [1, 2, 7]) {
        let active = 0;
        let most = 0;
        const { got } = await collect(
          map(background, upTo(50), { workers, ordered }, async (_ctx, n) => {
            most = Math.max(most, ++active);
            await hops(1 + (n % 2));
            active--;
            return n * 2;
          }),
        );
        assert.equal(most, workers);
        assert.deepEqual(
          got.toSorted((a, b) => a - b),
          upTo(50).map((n) => n * 2),
        );
      }
    });

    test("197: the first error cancels the other calls and is thrown after what was produced before it", async () => {
      const source = watched(upTo(10));
      const canceled: number[] = [];
      const { got, err } = await collect(
        map(background, source.source, { workers: 4, ordered }, async (ctx, n) => {
          if (n < 2) return n;
          if (n === 3) {
            await hops();
            throw doomed;
          }
          await sleep(ctx, 60_000).catch(() => void canceled.push(n));
          assert.equal(ctx.cause, doomed);
          return n;
        }),
      );
      assert.deepEqual([got, err, source.open], [[0, 1], doomed, 0]);
      assert.ok(canceled.length > 0);
    });

    test("197: a consumer that leaves cancels the calls and closes the source", async () => {
      const source = watched(upTo(100));
      let canceled = 0;
      for await (const n of map(background, source.source, { workers: 3, ordered }, async (ctx, n) => {
        if (n < 2) return n;
        await sleep(ctx, 60_000).catch(() => canceled++);
        return n;
      })) {
        if (n < 1) continue;
        await hops();
        break;
      }
      assert.deepEqual([names(), source.open], [[], 0]);
      assert.ok(canceled > 0);
    });

    test("197: a slow consumer stops the workers: so many values are taken and no more", async () => {
      for (const buffer of [0, 3]) {
        const source = watched(upTo(1000));
        await using flow = map(background, source.source, { workers: 4, ordered, buffer }, (_ctx, n) => n);
        await flow.next();
        await hops(20);
        // One is delivered, `buffer` wait for the consumer, and each worker holds one.
        const most = 1 + buffer + 4 + (ordered ? 0 : 1);
        assert.ok(
          source.given.length === most || (!ordered && source.given.length < most),
          String(source.given.length),
        );
      }
    });

    test("the end of the context ends it, whoever waits", async () => {
      const ctx = withCancel(background);
      const source = watched(upTo(100));
      const reading = collect(map(ctx, source.source, { workers: 3, ordered }, (inner) => sleep(inner, 60_000)));
      await hops();
      ctx.cancel();
      assert.deepEqual([(await reading).err, names(), source.open], [ctx.err, [], 0]);
    });

    test("the end of the context is an error also when all is done but not taken", async () => {
      const ctx = withCancel(background);
      const flow = map(ctx, upTo(3), { workers: 3, ordered, buffer: 3 }, (_ctx, n) => n);
      await flow.next();
      await hops();
      ctx.cancel();
      await assert.rejects(flow.next(), (err) => err === ctx.err);
      assert.deepEqual(await flow.next(), { value: undefined, done: true });
    });

    test("197: from a channel nothing is taken that is not worked on, and it is not closed", async () => {
      const jobs = chan<number>(10);
      for (const n of upTo(10)) jobs.trySend(n);
      const seen: number[] = [];
      for await (const n of map(background, jobs, { workers: 2, ordered }, (_ctx, n) => (seen.push(n), n))) {
        if (n === 3) break;
      }
      const left: unknown[] = [];
      while (jobs.length > 0) left.push(jobs.tryRecv());
      assert.deepEqual([...seen.toSorted((a, b) => a - b), ...left], upTo(10));
      jobs.close();
    });

    test("197: whatever the source, the delays, an error and a break, the results are right and no task is left", async () => {
      const shape = fc.record({
        source: arbitrarySource,
        workers: fc.integer({ min: 1, max: 6 }),
        buffer: fc.nat(4),
        turns: fc.array(fc.nat(3), { minLength: 30, maxLength: 30 }),
        fails: fc.option(fc.nat(30), { nil: undefined }),
        leaves: fc.option(fc.nat(30), { nil: undefined }),
      });
      await fc.assert(
        fc.asyncProperty(shape, async ({ source, workers, buffer, turns, fails, leaves }) => {
          let active = 0;
          const flow = map(background, source.make(), { workers, ordered, buffer }, async (ctx: Ctx, n) => {
            assert.ok(++active <= workers);
            try {
              if (n === fails) throw doomed;
              await hops(turns[n]);
              ctx.throwIfDone();
              return n;
            } finally {
              active--;
            }
          });
          const { got, err } = await collect(flow, leaves);
          assert.deepEqual([names(), active], [[], 0]);
          if (ordered) assert.deepEqual(got, upTo(got.length));
          else assert.equal(new Set(got).size, got.length);
          if (err !== undefined) assert.equal(err, doomed);
          if (leaves !== undefined && got.length >= leaves) return;
          if (fails !== undefined && fails < source.n) assert.equal(err, doomed);
          else assert.equal(got.length, source.n);
        }),
        { numRuns: 150 },
      );
    });
  });
}

describe("map", () => {
  test("197: ordered results wait for the slowest, within the bound", async () => {
    const gate = Promise.withResolvers<void>();
    const began: number[] = [];
    const flow = map(background, upTo(100), { workers: 3, ordered: true, buffer: 2 }, async (_ctx, n) => {
      began.push(n);
      if (n === 0) await gate.promise;
      return n;
    });
    const reading = collect(flow);
    await hops(10);
    assert.deepEqual(began, [0, 1, 2, 3, 4]);
    gate.resolve();
    assert.deepEqual((await reading).got, upTo(100));
  });

  test("a synchronous throw of the function or the source is an error like others", async () => {
    function* source(): Generator<number> {
      yield 1;
      throw doomed;
    }
    assert.deepEqual(await collect(map(background, source(), { workers: 1 }, (_ctx, n) => n)), {
      got: [1],
      err: doomed,
    });
    const thrower = (): never => {
      throw doomed;
    };
    assert.deepEqual(await collect(map(background, [1], { workers: 2 }, thrower)), { got: [], err: doomed });
  });

  test("a source that has ended or failed is neither asked again nor closed", async () => {
    for (const fails of [false, true]) {
      for (const kind of ["sync", "async"]) {
        const calls: string[] = [];
        const end = (): IteratorResult<number> => {
          if (fails) throw doomed;
          return { done: true, value: undefined };
        };
        const next = (): IteratorResult<number> => {
          calls.push("next");
          return calls.length <= 2 ? { done: false, value: calls.length } : end();
        };
        const close = (): IteratorResult<number> => {
          calls.push("return");
          return { done: true, value: undefined };
        };
        const source =
          kind === "sync"
            ? { [Symbol.iterator]: () => ({ next, return: close }) }
            : { [Symbol.asyncIterator]: () => ({ next: async () => next(), return: async () => close() }) };
        const { got, err } = await collect(map(background, source, { workers: 3, ordered: true }, (_ctx, n) => n));
        assert.deepEqual([kind, got, err], [kind, [1, 2], fails ? doomed : undefined]);
        assert.deepEqual([kind, ...calls], [kind, "next", "next", "next"]);
      }
    }
  });

  test("undefined and null are values like others", async () => {
    const values = [undefined, null, 0, ""];
    for (const source of [values, filled(values)]) {
      const flow = map(background, source, { workers: 2, ordered: true }, (_ctx, v) => v);
      assert.deepEqual((await collect(flow)).got, values);
    }
  });

  test("198: several loops share a flow: each value goes to one of them", async () => {
    const flow = map(background, upTo(100), { workers: 4 }, async (_ctx, n) => n);
    const parts = await Promise.all([collect(flow), collect(flow), collect(flow)]);
    const all = parts.flatMap((part) => part.got);
    assert.deepEqual(
      all.toSorted((a, b) => a - b),
      upTo(100),
    );
  });

  test("nothing runs before the first value is asked for; a flow that is left unread closes its source", async () => {
    const source = watched(upTo(3));
    const begun = source.source[Symbol.asyncIterator]();
    await begun.next();
    const flow = map(background, { [Symbol.asyncIterator]: () => begun }, { workers: 2 }, (_ctx, n) => n);
    await hops();
    assert.deepEqual([names(), source.open, source.given], [[], 1, [0]]);
    await flow.return();
    await flow.return();
    assert.equal(source.open, 0);
    assert.deepEqual(await flow.next(), { value: undefined, done: true });
  });

  test("a return while next waits ends both", async () => {
    const never = chan<number>();
    const flow = map(background, never, { workers: 2 }, (_ctx, n) => n);
    const waiting = flow.next();
    await hops();
    await flow.return();
    assert.deepEqual(await waiting, { value: undefined, done: true });
    assert.equal(never.trySend(1), false);
  });

  test("a source that hangs for ever does not hold a consumer that leaves", { timeout: 5000 }, async () => {
    const hanging = {
      async *[Symbol.asyncIterator](): AsyncGenerator<number> {
        yield 1;
        await new Promise(() => {});
      },
    };
    const { got } = await collect(
      map(background, hanging, { workers: 2 }, (_ctx, n) => n),
      1,
    );
    assert.deepEqual(got, [1]);
  });

  test("flows of flows: an error and a break go through all of them", async () => {
    for (const fails of [true, false]) {
      const source = watched(upTo(100));
      const first = map(background, source.source, { workers: 3, ordered: true }, async (_ctx, n) => {
        if (fails && n === 20) throw doomed;
        return n;
      });
      const second = map(background, first, { workers: 2, ordered: true }, async (_ctx, n) => n);
      const { got, err } = await collect(second, 40);
      assert.deepEqual([got, err, names(), source.open], [upTo(fails ? 20 : 40), fails ? doomed : undefined, [], 0]);
    }
  });

  test("bad options and sources are refused at once", () => {
    const identity = (_ctx: Ctx, v: unknown): unknown => v;
    for (const workers of [0, -1, 1.5, Number.NaN, Infinity]) {
      assert.throws(() => map(background, [], { workers }, identity), /workers must be a whole number from 1/);
    }
    for (const buffer of [-1, 0.5]) {
      for (const ordered of [true, false]) {
        assert.throws(() => map(background, [], { workers: 1, buffer, ordered }, identity), RangeError);
      }
    }
    // @ts-expect-error a number is no source
    assert.throws(() => map(background, 5, { workers: 1 }, identity), TypeError);
    assert.ok(map(background, "text", { workers: 1 }, identity) instanceof Flow);
    assert.equal(filled([]).tryRecv(), closed);
  });
});
