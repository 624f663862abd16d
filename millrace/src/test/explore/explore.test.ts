import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { chan, select } from "../../chan/index.ts";
import { background } from "../../context/index.ts";
import { Mutex } from "../../sync/index.ts";
import { go } from "../../task/index.ts";
import { io } from "../testing/io.ts";
import { exhaustive } from "./exhaustive.ts";
import { explore } from "./explore.ts";
import { ExploreError } from "./report.ts";
import type { Body } from "./run.ts";
import { schedules } from "./schedules.ts";

/** caught is the failure that a search ends with. */
async function caught(search: Promise<unknown>): Promise<ExploreError> {
  const err = await search.then(
    () => assert.fail("no failure was found"),
    (thrown: unknown) => thrown,
  );
  assert.ok(err instanceof ExploreError, String(err));
  return err;
}

async function withdrawals(hops: number, guard?: Mutex): Promise<void> {
  const account = { balance: 100 };
  async function withdraw(amount: number, after: number): Promise<void> {
    for (let i = 0; i < after; i++) await io();
    using _ = await guard?.lock(background);
    const { balance } = account;
    await io();
    account.balance = balance - amount;
  }
  await Promise.all([withdraw(10, 0), withdraw(20, hops)]);
  assert.equal(account.balance, 70);
}

async function limiter(): Promise<void> {
  let active = 0;
  const queue: (() => void)[] = [];
  async function limited(): Promise<void> {
    if (active >= 1) await new Promise<void>((resolve) => queue.push(resolve));
    active++;
    assert.equal(active, 1);
    await io();
    active--;
    queue.shift()?.();
  }
  async function late(): Promise<void> {
    await io();
    await io();
    await limited();
  }
  await Promise.all([limited(), limited(), late()]);
}

async function twoFlags(): Promise<void> {
  let a = false;
  let b = false;
  async function set(): Promise<void> {
    await io();
    a = true;
    await io();
    a = false;
    await io();
    b = true;
    await io();
    b = false;
  }
  async function look(): Promise<void> {
    await io();
    const seen = a;
    await io();
    assert.ok(!(seen && b));
  }
  await Promise.all([set(), look()]);
}

const BUGGY: Readonly<Record<string, Body>> = {
  "a lost update that the engine's own order does not show": () => withdrawals(6),
  "a limiter that admits too many": limiter,
  "three constraints on the order": twoFlags,
  "a select that may take either": async (t) => {
    const [one, other] = [chan<number>(1), chan<number>(1)];
    one.trySend(1);
    other.trySend(2);
    assert.equal((await select(t.ctx, { one, other })).key, "one");
  },
  "timers that are due at once": async (t) => {
    const order: number[] = [];
    async function nap(first: number, second: number): Promise<void> {
      await t.sleep(first);
      await t.sleep(second);
      order.push(first);
    }
    await Promise.all([nap(1, 4), nap(2, 3)]);
    assert.equal(order[0], 1);
  },
};

const FAULTS: readonly [name: string, kind: string, body: Body, message: RegExp][] = [
  ["a throw", "failed", () => Promise.reject(new TypeError("no")), /TypeError: no/],
  ["what nobody handles", "unhandled", async () => void nobody(), /nobody hears/],
  ["a deadlock", "deadlock", (t) => chan().recv(t.ctx), /all tasks are asleep\n {2}\S+ waits/],
  [
    "an await that is left",
    "leak",
    () => void forever(),
    /left waiting at the end\n {2}forever waits at .*explore\.test\.ts/,
  ],
  ["a livelock", "livelock", spin, /for 10000 steps/],
];

async function nobody(): Promise<void> {
  await io();
  throw new Error("nobody hears");
}

async function forever(): Promise<void> {
  await new Promise(() => {});
}

async function spin(): Promise<never> {
  for (;;) await io();
}

describe("explore", () => {
  for (const [name, body] of Object.entries(BUGGY)) {
    test(`233, 238: finds ${name}, from every seed, and its replay fails again`, async () => {
      for (let seed = 1; seed <= 20; seed++) {
        const found = await caught(explore(body, { seed }));
        const again = await caught(explore(body, { replay: found.replay }));
        assert.equal(again.kind, found.kind);
        assert.match(found.message, /forced decision[^]*MILLRACE_REPLAY=v1\./);
        assert.ok(found.switches <= 12, found.message);
      }
    });
  }

  for (const [name, kind, body, message] of FAULTS) {
    test(`236, 238: reports ${name}`, async () => {
      const found = await caught(explore(body));
      assert.equal(found.kind, kind);
      assert.match(found.message, message);
      assert.equal(found.schedule, 1);
    });
  }

  test("239: a program that is right passes in every order", async () => {
    const done = await explore(() => withdrawals(6, new Mutex()), { runs: 2000 });
    assert.equal(done.runs, 2000);
  });

  test("235: those who wait for one promise go on in their order", async () => {
    await explore(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const order: number[] = [];
      const waiting = [1, 2, 3].map(async (id) => {
        await promise;
        order.push(id);
      });
      await io();
      resolve();
      await Promise.all(waiting);
      assert.deepEqual(order, [1, 2, 3]);
    });
  });

  test("236: a task that looks again and again is no livelock: the event loop is fair", async () => {
    await explore(async () => {
      let done = false;
      const work = async (): Promise<void> => {
        await io();
        done = true;
      };
      const look = async (): Promise<void> => {
        while (!done) await io();
      };
      await Promise.all([work(), look()]);
    });
  });

  test("230: the same seed gives the same schedules, 100 times of 100", async () => {
    const traces = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const order: number[] = [];
      const body: Body = async (t) => {
        async function work(id: number): Promise<void> {
          for (let step = 0; step < 5; step++) {
            await io();
            order.push(id);
          }
        }
        await Promise.all([work(1), work(2), go(t.ctx, () => work(3))]);
      };
      await explore(body, { seed: 7, runs: 20 });
      traces.add(order.join(""));
    }
    assert.equal(traces.size, 1);
  });

  test("different seeds give different schedules", async () => {
    const schedulesOf = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) schedulesOf.add((await caught(explore(twoFlags, { seed }))).schedule);
    assert.ok(schedulesOf.size > 5);
  });

  test("231: what the kit does not control is reported as that", async () => {
    let runs = 0;
    const err = await explore(async () => {
      await Promise.all([io(), io()]);
      if (++runs === 5) throw new Error("once");
    }).then(
      () => assert.fail(),
      (thrown: Error) => thrown,
    );
    assert.match(err.message, /uncontrolled nondeterminism at the end/);
    assert.equal((err.cause as Error).message, "once");
  });

  test("231: a replay that is none is refused", async () => {
    for (const replay of ["", "v2.1.AA", "v1", "v1.!.AA"]) await assert.rejects(explore(io, { replay }), RangeError);
  });

  test("237: the time limit holds between two runs", async () => {
    const done = await explore(io, { runs: 1e9, timeMs: 5 });
    assert.ok(done.runs >= 1 && done.runs < 1e6);
  });

  test("a strategy that does not exist is refused", async () => {
    await assert.rejects(explore(io, { strategies: ["pct:0"] }), RangeError);
  });

  test("parallel explorations do not disturb each other", async () => {
    const both = await Promise.all([
      caught(explore(limiter, { seed: 1 })),
      explore(() => withdrawals(6, new Mutex()), { runs: 100 }),
      caught(explore(limiter, { seed: 1 })),
    ]);
    assert.equal(both[0].replay, both[2].replay);
  });

  test("cleanups run when the program has ended, the last first, and the context has ended then", async () => {
    const seen: unknown[] = [];
    await explore(
      (t) => {
        t.cleanup(async () => {
          await io();
          seen.push("first", t.ctx.err !== undefined);
        });
        t.cleanup(() => seen.push("last"));
        seen.push(t.ctx.err);
      },
      { runs: 1 },
    );
    assert.deepEqual(seen, [undefined, "last", "first", true]);
  });
});

describe("exhaustive", () => {
  test("finds what needs one preemption, and says when it has seen everything", async () => {
    const once = (): Promise<void> => withdrawals(6);
    assert.ok((await caught(exhaustive(once))).switches <= 1);
    assert.equal((await exhaustive(twoFlags, { preemptions: 0 })).complete, true);
    await caught(exhaustive(twoFlags, { preemptions: 3 }));
    assert.equal((await exhaustive(() => withdrawals(2, new Mutex()), { preemptions: 3 })).complete, true);
    assert.deepEqual(await exhaustive(() => withdrawals(6, new Mutex()), { maxRuns: 3 }), { runs: 3, complete: false });
  });

  test("tries both values of a select", async () => {
    const seen = new Set<string>();
    const done = await exhaustive(async (t) => {
      const [one, other] = [chan<number>(1), chan<number>(1)];
      one.trySend(1);
      other.trySend(2);
      seen.add((await select(t.ctx, { one, other })).key);
    });
    assert.deepEqual([...seen].toSorted(), ["one", "other"]);
    assert.deepEqual(done, { runs: 2, complete: true });
  });
});

test("schedules: fast-check shrinks inputs and order together", async () => {
  const property = fc.asyncProperty(schedules(fc), fc.array(fc.nat(9), { maxLength: 6 }), async (schedule, amounts) => {
    await schedule(async () => {
      let sum = 0;
      async function add(amount: number): Promise<void> {
        const before = sum;
        await io();
        if (amount > 3) sum = before + amount;
      }
      await Promise.all(amounts.map(add));
      assert.equal(
        sum,
        amounts.filter((amount) => amount > 3).reduce((a, b) => a + b, 0),
      );
    });
  });
  const { failed, counterexample } = await fc.check(property, { seed: 5, numRuns: 1000 });
  assert.ok(failed);
  // Two that overlap are enough.
  assert.deepEqual(counterexample![1].length, 2);
});
