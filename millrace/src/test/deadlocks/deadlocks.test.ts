import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ctx, background } from "../../context/index.ts";
import { Guarded, Mutex, RWMutex, Semaphore } from "../../sync/index.ts";
import { go } from "../../task/index.ts";
import { DeadlockError, ExploreError, type T, bubble, deadlocks, explore } from "../index.ts";

const tick = (): Promise<void> => Promise.resolve();
const both = async (one: PromiseLike<unknown>, other: PromiseLike<unknown>): Promise<void> =>
  void (await Promise.all([one, other]));

interface Kernel {
  readonly name: string;
  readonly kind: DeadlockError["kind"];
  /** says is what the message must hold, in this order. */
  readonly says: RegExp;
  readonly run: (ctx: Ctx) => unknown;
}

const kernels: readonly Kernel[] = [
  {
    name: "223: AB/BA, two tasks",
    kind: "cycle",
    says: /second waits for Mutex 1 at second[^]*which first has taken at first[^]*first waits for Mutex 2 at first[^]*which second has taken at second/,
    async run(ctx) {
      const [a, b] = [new Mutex(), new Mutex()];
      const one = go(ctx, async function first(ctx) {
        using _a = await a.lock(ctx);
        for (let i = 0; i < 5; i++) await tick();
        using _b = await b.lock(ctx);
      });
      const other = go(ctx, async function second(ctx) {
        using _b = await b.lock(ctx);
        for (let i = 0; i < 10; i++) await tick();
        using _a = await a.lock(ctx);
      });
      await both(one, other);
    },
  },
  {
    name: "224, 128: a task locks twice, the inner call in a function of its own",
    kind: "self",
    says: /waits for Mutex 1, which it holds itself\n.*was taken at outer[^]*asked for again at inner[^]*Mutex 1 was made at [^]*not re-entrant/,
    async run(ctx) {
      const m = new Mutex();
      async function inner(ctx: Ctx): Promise<void> {
        await m.withLock(ctx, tick);
      }
      async function outer(ctx: Ctx): Promise<void> {
        await m.withLock(ctx, async (ctx) => {
          await tick();
          await inner(ctx);
        });
      }
      await outer(ctx);
    },
  },
  {
    name: "224: a guarded value",
    kind: "self",
    says: /waits for Mutex 1, which it holds itself/,
    async run(ctx) {
      const m = new Guarded(1);
      await m.withLock(ctx, async (ctx) => m.withLock(ctx, tick));
    },
  },
  {
    name: "224: a reader becomes a writer",
    kind: "self",
    says: /waits for RWMutex 1, which it holds itself/,
    async run(ctx) {
      const m = new RWMutex();
      await m.withRLock(ctx, async (ctx) => m.withLock(ctx, tick));
    },
  },
  {
    name: "224: a nested limiter",
    kind: "nested",
    says: /holds tokens of Semaphore 1 and waits for more of them/,
    async run(ctx) {
      const limiter = new Semaphore(2);
      const nested = (): Promise<void> =>
        limiter.withTokens(ctx, async (ctx) => {
          await tick();
          await limiter.withTokens(ctx, tick);
        });
      await both(nested(), nested());
    },
  },
];

describe("deadlocks in a test", () => {
  for (const { name, kind, says, run } of kernels) {
    test(name, async () => {
      const err = await failure(async () => {
        using _ = deadlocks();
        await run(background);
      });
      assert.ok(err instanceof DeadlockError, String(err));
      assert.equal(err.kind, kind, err.message);
      assert.match(err.message, says);
      assert.match(err.message, /deadlocks\.test\.ts:\d+:\d+/);
    });
  }

  test("223: opposite orders that went well are told at the end", async () => {
    const err = await failure(async () => {
      using _ = deadlocks();
      const [a, b] = [new Mutex(), new Mutex()];
      await a.withLock(background, (ctx) => b.withLock(ctx, tick));
      await b.withLock(background, (ctx) => a.withLock(ctx, tick));
    });
    assert.ok(err instanceof DeadlockError && err.kind === "order", String(err));
    assert.match(
      err.message,
      /takes Mutex 1[^]*while it holds Mutex 2[^]*takes Mutex 2[^]*while it holds Mutex 1[^]*Mutex 2 was made at /,
    );
  });

  test("224: a guard that is kept is found when nothing else goes on", async () => {
    const err = await failure(async () => {
      using _ = deadlocks();
      const m = new Mutex();
      using _outer = await m.lock(background);
      using _inner = await m.lock(background);
    });
    assert.ok(err instanceof DeadlockError && err.kind === "asleep", String(err));
    assert.match(err.message, /the test waits for Mutex 1 at [^]*which the test has taken at/);
  });

  test("223: outside of the block nothing is watched", async () => {
    {
      using _ = deadlocks();
    }
    const m = new Mutex();
    const outer = await m.lock(background);
    const inner = m.withLock(background, tick);
    outer[Symbol.dispose]();
    await inner;
  });
});

describe("deadlocks in a bubble", () => {
  for (const { name, kind, says, run } of kernels) {
    test(name, async () => {
      const err = await failure(() =>
        bubble(async (t) => {
          using _ = deadlocks();
          await run(t.ctx);
        }),
      );
      assert.ok(err instanceof DeadlockError, String(err));
      assert.equal(err.kind, kind, err.message);
      assert.match(err.message, says);
    });
  }

  test("224: a guard that is kept", async () => {
    const twice = async (t: T): Promise<void> => {
      const m = new Mutex();
      using _outer = await m.lock(t.ctx);
      using _inner = await m.lock(t.ctx);
    };
    const strict = await failure(() =>
      bubble(async (t) => {
        using _ = deadlocks();
        await twice(t);
      }),
    );
    assert.ok(strict instanceof DeadlockError && strict.kind === "self", String(strict));
    const asleep = await failure(() => bubble(twice));
    assert.match(
      String(asleep),
      /all tasks are asleep[^]*locks:\n {2}twice waits for Mutex 1 at twice[^]*which it holds itself, taken at twice/,
    );
  });
});

test("223: explore finds AB/BA by the order of the locks in its first plain run", async () => {
  const err = await failure(() =>
    explore(async (t) => {
      const [a, b] = [new Mutex(), new Mutex()];
      await both(
        a.withLock(t.ctx, (ctx) => b.withLock(ctx, tick)),
        // Long after the first has ended.
        (async () => {
          for (let i = 0; i < 30; i++) await tick();
          await b.withLock(t.ctx, (ctx) => a.withLock(ctx, tick));
        })(),
      );
    }),
  );
  assert.ok(err instanceof ExploreError, String(err));
  assert.deepEqual([err.kind, err.schedule, err.switches], ["deadlock", 1, 0]);
  assert.match(err.message, /taken in opposite orders[^]*takes Mutex 1[^]*while it holds Mutex 2/);
});

describe("no deadlock", () => {
  const cases: readonly { name: string; run: (ctx: Ctx) => unknown }[] = [
    {
      name: "two of one caller, side by side",
      async run(ctx) {
        const m = new Mutex();
        await both(m.withLock(ctx, tick), m.withLock(ctx, tick));
      },
    },
    {
      name: "the same order everywhere",
      async run(ctx) {
        const [a, b] = [new Mutex(), new Mutex()];
        const nested = (): Promise<void> => a.withLock(ctx, (ctx) => b.withLock(ctx, tick));
        await both(nested(), nested());
      },
    },
    {
      name: "opposite orders under a third lock",
      async run(ctx) {
        const [gate, a, b] = [new Mutex(), new Mutex(), new Mutex()];
        await both(
          gate.withLock(ctx, (ctx) => a.withLock(ctx, (ctx) => b.withLock(ctx, tick))),
          gate.withLock(ctx, (ctx) => b.withLock(ctx, (ctx) => a.withLock(ctx, tick))),
        );
      },
    },
    {
      name: "one that is tried, in the opposite order",
      async run(ctx) {
        const [a, b] = [new Mutex(), new Mutex()];
        await both(
          a.withLock(ctx, (ctx) => b.withLock(ctx, tick)),
          b.withLock(ctx, async () => {
            using _ = a.tryLock();
            await tick();
          }),
        );
      },
    },
    {
      name: "readers in opposite orders",
      async run(ctx) {
        const [a, b] = [new RWMutex(), new RWMutex()];
        await both(
          a.withRLock(ctx, (ctx) => b.withRLock(ctx, tick)),
          b.withRLock(ctx, (ctx) => a.withRLock(ctx, tick)),
        );
      },
    },
    {
      name: "a task that is started under the lock, and takes it later",
      async run(ctx) {
        const m = new Mutex();
        let task: PromiseLike<void> | undefined;
        await m.withLock(ctx, (ctx) => void (task = go(ctx, (ctx) => m.withLock(ctx, tick))));
        await task;
      },
    },
    {
      name: "a lock that is handed on",
      async run(ctx) {
        const m = new Mutex();
        const guard = await m.lock(ctx);
        const next = m.lock(ctx);
        guard[Symbol.dispose]();
        using _ = await next;
      },
    },
  ];
  for (const { name, run } of cases) {
    test(name, async () => {
      {
        using _ = deadlocks();
        await run(background);
      }
      await bubble((t) => run(t.ctx));
      await explore((t) => run(t.ctx), { runs: 30 });
    });
  }

  test("opposite orders, one after the other", async () => {
    await bubble(async (t) => {
      const [a, b] = [new Mutex(), new Mutex()];
      await a.withLock(t.ctx, (ctx) => b.withLock(ctx, tick));
      await b.withLock(t.ctx, (ctx) => a.withLock(ctx, tick));
    });
  });
});

async function failure(fn: () => unknown): Promise<unknown> {
  const nothing = new Error("nothing failed");
  try {
    await fn();
  } catch (err) {
    return err;
  }
  throw nothing;
}
