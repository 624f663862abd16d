import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import fc from "fast-check";
import { chan, closed } from "../chan/index.ts";
import { Canceled, type Ctx, background, sleep, withCancel, withTimeout } from "../context/index.ts";
import { type Group, group } from "./index.ts";
import { hops, names, rejections } from "./testing/hops.ts";

const doomed = new Error("doomed");
const other = new Error("other");
const fail = (err: unknown) => (): never => {
  throw err;
};
const rejectsWith = (promise: Promise<unknown>, want: unknown): Promise<void> =>
  assert.rejects(promise, (err) => err === want);
// Runs until its context ends, and throws that.
const untilDone = (ctx: Ctx): Promise<void> => sleep(ctx, 60_000);

afterEach(() => assert.deepEqual(names(), []));

describe("wait", () => {
  // Go: TestWithContext and TestCancelCause.
  const cases: { name: string; errs: readonly unknown[]; want?: Error }[] = [
    { name: "no task", errs: [] },
    { name: "no error", errs: [undefined] },
    { name: "an error", errs: [doomed], want: doomed },
    { name: "an error, then none", errs: [doomed, undefined], want: doomed },
    { name: "two errors", errs: [undefined, doomed, other], want: doomed },
  ];
  for (const { name, errs, want } of cases) {
    for (const method of ["go", "tryGo"] as const) {
      test(`166: ${name}: the context is canceled with it as cause when wait is over (${method})`, async () => {
        const g = group(background);
        for (const err of errs) await g[method](() => (err === undefined ? undefined : Promise.reject(err)));
        if (want === undefined) await g.wait();
        else await rejectsWith(g.wait(), want);
        assert.ok(g.ctx.err instanceof Canceled);
        assert.equal(g.ctx.cause, want ?? g.ctx.err);
      });
    }
  }

  test("166, 167: the first error cancels the others, and wait is for all of them", async () => {
    const g = group(background);
    const ended: string[] = [];
    await g.go(async (ctx) => {
      await untilDone(ctx).catch(() => {});
      assert.equal(ctx.cause, doomed);
      await hops();
      ended.push("slow");
    });
    await g.go(async () => {
      await hops(1);
      ended.push("failing");
      throw doomed;
    });
    await rejectsWith(g.wait(), doomed);
    assert.deepEqual(ended, ["failing", "slow"]);
  });

  test("168: a group that does not cancel on errors lets the others finish; wait still gives the first", async () => {
    const g = group(background, { cancelOnError: false });
    let finished = false;
    await g.go(async (ctx) => {
      await hops();
      finished = ctx.err === undefined;
    });
    await g.go(fail(doomed));
    await g.go(fail(other));
    await rejectsWith(g.wait(), doomed);
    assert.equal(finished, true);
  });

  test("168: what waits on the context above is not canceled by a sibling", async () => {
    const above = withCancel(background);
    const g = group(above);
    const gate = chan<number>();
    const got = g.go(async () => assert.equal(await gate.recv(above), 1));
    await g.go(fail(doomed));
    await hops();
    gate.trySend(1);
    await got;
    await rejectsWith(g.wait(), doomed);
  });

  // Go: TestZeroGroup.
  for (const errs of [[], [undefined], [doomed], [doomed, undefined], [doomed, undefined, other]]) {
    test(`172: used again after wait, the error stays the first: ${errs.map((e) => e?.message ?? "none").join(", ")}`, async () => {
      const g = group(background);
      let first: Error | undefined;
      for (const err of errs) {
        await g.go(() => (err === undefined ? undefined : Promise.reject(err)));
        first ??= err;
        if (first === undefined) await g.wait();
        else await rejectsWith(g.wait(), first);
      }
    });
  }

  test("several waits are over together; a group without tasks is over at once", async () => {
    const g = group(background);
    await g.wait();
    const gate = Promise.withResolvers<void>();
    await g.go(() => gate.promise);
    let over = 0;
    const waits = [g.wait(), g.wait()].map(async (w) => {
      await w;
      over++;
    });
    await hops();
    assert.equal(over, 0);
    gate.resolve();
    await Promise.all(waits);
  });

  test("tasks may start tasks, and wait is for those too", async () => {
    const g = group(background);
    let count = 0;
    const tree = (depth: number) => async (): Promise<void> => {
      await hops(1);
      count++;
      if (depth > 0) for (let i = 0; i < 2; i++) await g.go(tree(depth - 1));
    };
    await g.go(tree(4));
    await g.wait();
    assert.equal(count, 31);
  });

  test("the end of the context above ends the tasks, and wait rejects with it", async () => {
    const above = withCancel(background);
    const g = group(above);
    await g.go(untilDone);
    above.cancel("enough");
    await rejectsWith(g.wait(), above.err);
    assert.equal(g.ctx.cause, "enough");
  });

  for (const thrown of [undefined, null, 0, "text"]) {
    test(`173: a throw of ${String(thrown)} is an error too`, async () => {
      const g = group(background);
      await g.go(fail(thrown));
      await rejectsWith(g.wait(), thrown);
    });
  }

  test("173: a synchronous throw and a rejection are the same", async () => {
    for (const fn of [fail(doomed), () => Promise.reject(doomed), async () => fail(doomed)()]) {
      const g = group(background);
      await g.go(fn);
      await rejectsWith(g.wait(), doomed);
      assert.equal(g.ctx.cause, doomed);
    }
  });

  test("175: no task's error is an unhandled rejection, whenever wait comes, or never", async () => {
    using watch = rejections();
    const make = async (): Promise<Group> => {
      const g = group(background, { limit: 3 });
      void g.go(fail(doomed));
      void g.go(() => Promise.reject(other));
      void g.go(untilDone);
      void g.go(async () => fail(other)()); // waits for a slot, and is refused
      await hops();
      return g;
    };
    await make();
    await rejectsWith((await make()).wait(), doomed);
    await hops();
    assert.deepEqual(watch.seen, []);
  });
});

describe("limit", () => {
  // Go: TestGoLimit.
  test("169: at most that many run, of 1025", async () => {
    const g = group(background, { limit: 10 });
    let active = 0;
    let most = 0;
    let ran = 0;
    for (let i = 0; i <= 1 << 10; i++) {
      await g.go(async () => {
        most = Math.max(most, ++active);
        if (i % 3 > 0) await hops(i % 3);
        active--;
        ran++;
      });
    }
    await g.wait();
    assert.deepEqual([most, ran], [10, 1025]);
  });

  test("169: go that nobody awaits waits in a queue too, first come, first served, and wait is for the queue", async () => {
    const g = group(background, { limit: 2 });
    const order: number[] = [];
    for (let i = 0; i < 100; i++) void g.go(() => void order.push(i));
    await g.wait();
    assert.deepEqual(
      order,
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  // Go: TestTryGo.
  test("170: tryGo is false when the group is full, true after; also with another limit and with none", async () => {
    const g = group(background, { limit: 42 });
    const ch = chan<number>();
    const fn = async (): Promise<void> => ch.send(background, 1);
    const drain = async (n: number): Promise<void> => {
      for (let i = 0; i < n; i++) assert.notEqual(await ch.recv(background), closed);
      await g.wait();
    };
    for (let i = 0; i < 42; i++) assert.equal(g.tryGo(fn), true);
    assert.equal(g.tryGo(fn), false);
    await drain(42);
    assert.equal(g.tryGo(fn), true);
    await drain(1);
    g.setLimit(1);
    assert.equal(g.tryGo(fn), true);
    assert.equal(g.tryGo(fn), false);
    await drain(1);
    g.setLimit(0);
    for (let i = 0; i < 1 << 10; i++) assert.equal(g.tryGo(fn), false);
    await g.wait();
    g.setLimit(-1);
    assert.equal(g.tryGo(fn), true);
    await drain(1);
  });

  test("170: tryGo does not overtake a go that waits", async () => {
    const g = group(background, { limit: 1 });
    const gate = Promise.withResolvers<void>();
    const order: string[] = [];
    await g.go(() => gate.promise);
    const second = g.go(() => void order.push("go"));
    gate.resolve();
    await gate.promise;
    assert.equal(
      g.tryGo(() => void order.push("tryGo")),
      false,
    );
    await second;
    await g.wait();
    assert.deepEqual(order, ["go"]);
  });

  test("setLimit throws while tasks run or wait, and for what is no whole number", async () => {
    const g = group(background);
    const gate = Promise.withResolvers<void>();
    await g.go(() => gate.promise);
    assert.throws(() => g.setLimit(2), { reason: "task/group_active" });
    gate.resolve();
    await g.wait();
    g.setLimit(2);
    for (const bad of [Number.NaN, 1.5, Infinity]) {
      assert.throws(() => g.setLimit(bad), RangeError);
      assert.throws(() => group(background, { limit: bad }), RangeError);
    }
  });

  test("176: go that waits for a slot is refused when the group is canceled, and never starts", async () => {
    const g = group(background, { limit: 1 });
    let started = false;
    await g.go(async (ctx) => {
      await hops();
      assert.equal(ctx.err, undefined);
      throw doomed;
    });
    const refused = g.go(() => void (started = true));
    await rejectsWith(refused, doomed);
    await rejectsWith(g.wait(), doomed);
    await hops();
    assert.equal(started, false);
  });

  test("176: refused by the context above, the group has failed with that", async () => {
    const above = withCancel(background);
    const g = group(above, { limit: 0 });
    const refused = g.go(() => assert.fail("started"));
    above.cancel();
    await rejectsWith(refused, above.err);
    await rejectsWith(g.wait(), above.err);
  });

  test("a free slot is taken even when the context is done, as in Go: the task sees that", async () => {
    const g = group(background, { limit: 1 });
    await g.go(fail(doomed));
    await hops();
    let seen: unknown;
    await g.go((ctx) => void (seen = ctx.cause));
    await rejectsWith(g.wait(), doomed);
    assert.equal(seen, doomed);
  });
});

describe("await using", () => {
  test("no task outlives the block; after wait there is nothing to do", async () => {
    let done = false;
    {
      await using g = group(background);
      await g.go(async () => {
        await hops();
        done = true;
      });
      await g.wait();
      assert.equal(done, true);
    }
    {
      await using g = group(background);
      await g.go(async () => {
        await hops();
        done = false;
      });
    }
    assert.equal(done, false);
  });

  test("an error in the block cancels the tasks and comes out as it is", async () => {
    let cause: unknown;
    const block = async (): Promise<void> => {
      await using g = group(background, { limit: 1 });
      await g.go(async (ctx) => {
        await untilDone(ctx).finally(() => (cause = ctx.cause));
      });
      void g.go(() => assert.fail("started"));
      throw other;
    };
    await rejectsWith(block(), other);
    assert.ok(cause instanceof Canceled);
  });

  test("176: a loop that starts tasks within a limit is left by the first error, as it is", async () => {
    const block = async (above: Ctx, fails?: number): Promise<void> => {
      await using g = group(above, { limit: 2 });
      for (let i = 0; i < 10; i++) {
        await g.go(async (ctx) => {
          if (i === fails) throw doomed;
          await sleep(ctx, 60_000);
        });
      }
      await g.wait();
    };
    await rejectsWith(block(background, 1), doomed);
    const above = withCancel(background);
    const left = block(above);
    await hops();
    above.cancel();
    await rejectsWith(left, above.err);
  });

  test("a task's error that nobody has waited for is thrown at the end", async () => {
    const block = async (wait: boolean): Promise<void> => {
      await using g = group(background);
      await g.go(fail(doomed));
      if (wait) await g.wait().catch(() => {});
      else await hops();
    };
    await rejectsWith(block(false), doomed);
    await block(true);
  });

  test("the error of wait comes out once", async () => {
    const block = async (): Promise<void> => {
      await using g = group(background);
      await g.go(fail(doomed));
      await g.wait();
    };
    await rejectsWith(block(), doomed);
  });

  test("when the context above has ended the tasks, that is thrown", async () => {
    const above = withTimeout(background, 0);
    const block = async (): Promise<void> => {
      await using g = group(above);
      await g.go(untilDone);
    };
    await rejectsWith(block(), above.err);
  });
});

test("250: whatever the limit, the errors and the order of ends, every task ends and wait tells the first error", async () => {
  const task = fc.record({ turns: fc.nat(4), fails: fc.boolean(), heeds: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(task, { maxLength: 20 }), async (limit, tasks) => {
      const g = group(background, { limit });
      let active = 0;
      let first: Error | undefined;
      const goes = tasks.map(({ turns, fails, heeds }, i) =>
        g.go(async (ctx) => {
          assert.ok(++active <= limit);
          for (let n = 0; n < turns && !(heeds && ctx.err !== undefined); n++) await hops(1);
          active--;
          if (!fails) return;
          const err = new Error(String(i));
          first ??= err;
          throw err;
        }),
      );
      const err: unknown = await g.wait().catch((thrown: unknown) => thrown);
      await Promise.allSettled(goes);
      assert.equal(err, first);
      assert.deepEqual([active, names()], [0, []]);
    }),
    { numRuns: 100 },
  );
});
