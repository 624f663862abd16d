import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { collected } from "../context/testing/observe.ts";
import { Once, onceValue } from "./index.ts";
import { states, turn, watch } from "./testing/settle.ts";

interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe("Once", () => {
  test("144, 149: many calls, one run; all return when it has ended", async () => {
    const once = new Once();
    const { opened, open } = gate();
    let runs = 0;
    let finished = false;
    const load = async (): Promise<void> => {
      runs++;
      await opened;
      finished = true;
    };
    const calls = Array.from({ length: 10 }, () => once.do(load).then(() => assert.ok(finished))).map(watch);
    await turn();
    assert.deepEqual([runs, new Set(states(calls))], [1, new Set(["pending"])]);
    open();
    await turn();
    calls.push(watch(once.do(load)));
    await turn();
    assert.deepEqual([runs, new Set(states(calls))], [1, new Set(["done"])]);
  });

  test("145: only the first function ever runs", async () => {
    const once = new Once();
    const seen: string[] = [];
    await once.do(() => seen.push("first"));
    await once.do(() => seen.push("second"));
    // The inner call comes while the outer one runs: it is not run, and waiting for it would be waiting for itself.
    const nested = new Once();
    await nested.do(() => {
      seen.push("outer");
      void nested.do(() => seen.push("inner"));
    });
    assert.deepEqual(seen, ["first", "outer"]);
    const [a, b] = [new Once(), new Once()];
    await a.do(() => b.do(() => seen.push("of another")));
    assert.equal(seen.at(-1), "of another");
  });

  const failures: [name: string, fail: () => unknown][] = [
    [
      "throws",
      () => {
        throw new Error("boom");
      },
    ],
    ["rejects", () => Promise.reject(new Error("boom"))],
  ];
  for (const [name, fail] of failures) {
    test(`146: a run that ${name} counts as done`, async () => {
      const once = new Once();
      let again = false;
      await assert.rejects(once.do(fail), /boom/);
      await once.do(() => (again = true));
      await once.do(fail);
      assert.equal(again, false);
    });

    test(`148: calls during a run that ${name} share its promise; with retryOnError the next call runs`, async () => {
      const once = new Once({ retryOnError: true });
      let runs = 0;
      const first = once.do(() => {
        runs++;
        return fail();
      });
      assert.equal(
        once.do(() => runs++),
        first,
      );
      await assert.rejects(first, /boom/);
      await assert.rejects(once.do(fail), /boom/);
      await once.do(() => runs++);
      await once.do(() => runs++);
      assert.equal(runs, 2);
    });
  }

  test("144: the first call runs the function in the same step", () => {
    const once = new Once();
    let ran = false;
    void once.do(() => (ran = true));
    assert.equal(ran, true);
  });

  test("what the function resolves to is not given on", async () => {
    const nothing: unknown = await new Once().do(() => 42);
    assert.equal(nothing, undefined);
  });

  test("the function is not kept", async () => {
    const once = new Once();
    const refs: WeakRef<object>[] = [];
    await (async () => {
      const fn = (): void => {};
      refs.push(new WeakRef(fn));
      await once.do(fn);
    })();
    await collected(refs);
    await once.do(() => assert.fail());
  });
});

describe("onceValue", () => {
  test("148: one run, the same promise and the same value for all", async () => {
    let calls = 0;
    const value = onceValue(async () => ({ call: ++calls }));
    const first = value();
    assert.equal(value(), first);
    assert.equal(await value(), await first);
    assert.deepEqual([await value(), calls], [{ call: 1 }, 1]);
    assert.equal(await onceValue(() => 42)(), 42);
  });

  test("146: as Go's TestOnceValuePanic: the same error for every call, of one run", async () => {
    let calls = 0;
    const value = onceValue((): number => {
      calls++;
      throw new RangeError("x");
    });
    const errs = await Promise.all([value(), value()].map((call) => call.catch((err: unknown) => err)));
    errs.push(await value().catch((err: unknown) => err));
    assert.equal(new Set(errs).size, 1);
    assert.ok(errs[0] instanceof RangeError);
    assert.equal(calls, 1);
  });

  test("148: with retryOnError the calls after a failed run make another", async () => {
    let calls = 0;
    const flaky = async (): Promise<number> => {
      const call = ++calls;
      await Promise.resolve();
      if (call < 3) throw new Error(`call ${call}`);
      return call;
    };
    const value = onceValue(flaky, { retryOnError: true });
    const both = [value(), value()];
    for (const call of both) await assert.rejects(call, /call 1/);
    await assert.rejects(value(), /call 2/);
    assert.deepEqual([await value(), await value()], [3, 3]);
  });

  test("145: a function that calls its own value gets the promise of the run", async () => {
    let inner: Promise<number> | undefined;
    const value: () => Promise<number> = onceValue(() => {
      inner = value();
      return 1;
    });
    const outer = value();
    assert.equal(inner, outer);
    assert.equal(await outer, 1);
  });

  test("as Go's TestOnceXGC: the function is not kept after its run, whatever that gave", async () => {
    const refs: WeakRef<object>[] = [];
    const make = (fail: boolean, retryOnError: boolean): (() => Promise<number>) => {
      const big = { fail };
      refs.push(new WeakRef(big));
      const fn = (): number => {
        if (big.fail) throw new Error("boom");
        return 1;
      };
      return onceValue(fn, { retryOnError });
    };
    const values = [make(false, false), make(true, false), make(false, true)];
    // An error holds the functions of its stack until that is read.
    for (const value of values) await value().catch((err: Error) => err.stack);
    await collected(refs);
    assert.equal(await values[0]!(), 1);
    await assert.rejects(values[1]!(), /boom/);
  });
});
