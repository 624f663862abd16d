import assert from "node:assert/strict";
import { test } from "node:test";
import { background } from "../../context/index.ts";
import { Mutex } from "../../sync/index.ts";
import { go } from "../../task/index.ts";
import { bubble } from "../bubble.ts";
import { ExploreError } from "../explore/report.ts";
import { explore } from "../explore/explore.ts";
import type { T } from "../explore/run.ts";
import { both, hop, hops } from "./testing/litmus/program.ts";
import { atomicGroup, tracked } from "./tracked.ts";

interface Account {
  balance: number;
}

type Program = (t: T) => Promise<unknown>;

const account = (balance = 100): Account => tracked({ balance }, "account");

async function withdraw(from: Account, n: number): Promise<void> {
  const before = from.balance;
  await hop();
  from.balance = before - n;
}

/** stale is programs with a stale write, which the engine's own order does not always show. */
const stale: readonly { name: string; program: Program; field: string }[] = [
  {
    name: "two withdrawals at once",
    field: "account.balance",
    program: async () => {
      const x = account();
      await Promise.all([withdraw(x, 10), withdraw(x, 20)]);
    },
  },
  {
    name: "two withdrawals, of which the second comes when the first is long over",
    field: "account.balance",
    program: async () => {
      const x = account();
      await both(
        async () => await withdraw(x, 10),
        async () => {
          await hops(9);
          await withdraw(x, 20);
        },
      );
      assert.equal(x.balance, 70);
    },
  },
  {
    name: "the read and the write are each in a function that is awaited",
    field: "account.balance",
    program: async () => {
      const x = account();
      const get = async (): Promise<number> => {
        await hop();
        return x.balance;
      };
      const set = async (to: number): Promise<void> => {
        await hop();
        x.balance = to;
      };
      await both(async () => {
        await set((await get()) - 10);
      });
    },
  },
  {
    name: "a read before the lock",
    field: "account.balance",
    program: async ({ ctx }) => {
      const [x, mutex] = [account(), new Mutex()];
      await both(async () => {
        const before = x.balance;
        using _ = await mutex.lock(ctx);
        x.balance = before - 10;
      });
    },
  },
  {
    name: "the lock is given back between the read and the write",
    field: "account.balance",
    program: async ({ ctx }) => {
      const [x, mutex] = [account(), new Mutex()];
      await both(async () => {
        const before = await mutex.withLock(ctx, () => x.balance);
        await mutex.withLock(ctx, () => (x.balance = before - 10));
      });
    },
  },
  {
    name: "a lazy connection is opened twice",
    field: "pool.connection",
    program: async () => {
      const pool = tracked<{ connection?: object }>({}, "pool");
      await both(async () => {
        if (pool.connection === undefined) {
          await hop();
          pool.connection = {};
        }
      });
    },
  },
  {
    name: "a key of a Map is looked up, and then set",
    field: "cache[1]",
    program: async () => {
      const cache = tracked(new Map<number, string>(), "cache");
      await both(async () => {
        if (cache.has(1)) return;
        await hop();
        cache.set(1, "loaded");
      });
    },
  },
  {
    name: "what was read before the tasks were started",
    field: "account.balance",
    program: async () => {
      const x = account();
      const before = x.balance;
      await both(async () => (x.balance = before - 10));
    },
  },
  {
    name: "one task of its own starter",
    field: "account.balance",
    program: async ({ ctx }) => {
      const x = account();
      const before = x.balance;
      const task = go(ctx, async () => {
        await hop();
        x.balance = 0;
      });
      await hop();
      x.balance = before - 10;
      await task;
    },
  },
  {
    name: "two fields of a group",
    field: "sum",
    program: async () => {
      const [x, y] = [account(), account()];
      atomicGroup("sum", x, y);
      await both(async () => {
        const { balance } = x;
        await hop();
        y.balance = 200 - balance;
      });
    },
  },
];

for (const { name, program, field } of stale) {
  test(`241: ${name}`, async () => {
    await assert.rejects(explore(program, { runs: 1 }), (err: Error) => {
      assert.ok(err instanceof ExploreError);
      assert.equal(err.kind, "race");
      assert.match(err.message, new RegExp(`race: (stale write|double init) of ${RegExp.escape(field)}:`));
      return true;
    });
    await assert.rejects(bubble(program), { name: "RaceError" });
    await bubble(program, { races: "off" });
  });
}

test("241: a lazy value that is made once in this run, and could be made twice", async () => {
  const connect = (locked: boolean) => async (t: T) => {
    const [pool, mutex] = [tracked<{ connection?: object }>({}, "pool"), new Mutex()];
    const open = async (): Promise<void> => {
      using _ = locked ? await mutex.lock(t.ctx) : undefined;
      if (pool.connection !== undefined) return;
      await hop();
      pool.connection = {};
    };
    await both(open, async () => {
      await hops(9);
      await open();
    });
    // It is no place to make one.
    return pool.connection;
  };
  await assert.rejects(explore(connect(false), { runs: 1 }), { message: /double init of pool\.connection/ });
  await explore(connect(true), { runs: 100 });
});

test("242: one that looks for a lazy value, and makes none", async () => {
  await explore(
    async () => {
      const pool = tracked<{ connection?: object }>({}, "pool");
      await both(
        async () => {
          if (pool.connection !== undefined) return;
          await hop();
          pool.connection = {};
        },
        async () => {
          await hops(9);
          return pool.connection;
        },
      );
    },
    { runs: 100 },
  );
});

/** harmless is programs in which every order is as good. */
const harmless: readonly { name: string; program: Program }[] = [
  {
    name: "242: n++ in one segment",
    program: async () => {
      const x = account();
      await both(async () => {
        for (let i = 0; i < 3; i++) {
          await hop();
          x.balance++;
        }
      });
    },
  },
  {
    name: "242: a look at what it is now, before the write",
    program: async () => {
      const x = account();
      await both(async () => {
        const before = x.balance;
        await hop();
        if (x.balance === before) x.balance = before - 10;
      });
    },
  },
  {
    name: "242: a flag that is set where it was read",
    program: async (t) => {
      const x = tracked({ busy: false });
      await both(async () => {
        while (x.busy) await t.sleep(1);
        x.busy = true;
        await hop();
        x.busy = false;
      });
    },
  },
  {
    name: "242: the keys of a Map, each set where it was missed",
    program: async () => {
      const cache = tracked(new Map<number, number[]>());
      await both(async () => {
        for (const key of [1, 2]) {
          await hop();
          if (!cache.has(key)) cache.set(key, []);
          cache.get(key)!.push(cache.size);
        }
      });
    },
  },
  {
    name: "240: under a lock, with a look before it",
    program: async ({ ctx }) => {
      const [pool, mutex] = [tracked<{ connection?: object }>({}), new Mutex()];
      await both(async () => {
        if (pool.connection !== undefined) return;
        using _ = await mutex.lock(ctx);
        if (pool.connection !== undefined) return;
        await hop();
        pool.connection = {};
      });
    },
  },
  {
    name: "240: one after the other, in tasks that are waited for",
    program: async ({ ctx }) => {
      const x = account();
      const { balance } = x;
      await withdraw(x, 10);
      await go(ctx, async () => await withdraw(x, 20));
      await Promise.all([withdraw(x, 30), hop()]);
      x.balance = balance;
    },
  },
  {
    name: "243: two plain writes",
    program: async () => {
      const x = account();
      await both(async () => {
        await hop();
        x.balance = 1;
      });
    },
  },
];

for (const { name, program } of harmless) {
  test(name, async () => {
    await explore(program, { runs: 100 });
  });
}

test("246: a report has both places with their code, the tasks, the field, and what ordered each side last", async () => {
  const deposit = async (x: Account, mutex: Mutex): Promise<void> => {
    using _ = await mutex.lock(background);
    const before = x.balance;
    await hop();
    x.balance = before + 1;
  };
  const program = async (): Promise<void> => {
    const [x, mutex] = [account(), new Mutex()];
    await Promise.all([withdraw(x, 1), deposit(x, mutex)]);
  };
  await assert.rejects(explore(program), ({ message }: Error) => {
    for (const part of [
      "race: stale write of account.balance",
      /deposit#\d+ writes at deposit \(.*races\.test\.ts:\d+:\d+\): x\.balance = before \+ 1/,
      /and has read at deposit \(.*races\.test\.ts:\d+:\d+\): const before = x\.balance/,
      /withdraw#\d+ writes at withdraw \(.*races\.test\.ts:\d+:\d+\): from\.balance = before - n/,
      /ordered last by await at deposit \(.*races\.test\.ts:\d+:\d+\): await hop\(\)/,
    ]) {
      assert.match(message, typeof part === "string" ? new RegExp(RegExp.escape(part)) : part);
    }
    return true;
  });
});

test("241: a race gives way to a failure of the same run, shrinks, and is replayed", async () => {
  const program: Program = async () => {
    const x = account();
    await both(async () => await withdraw(x, 10));
    assert.equal(x.balance, 80);
  };
  await assert.rejects(explore(program, { runs: 1 }), { kind: "failed" });
  // It races only where the second task comes before the first has ended.
  const late: Program = async () => {
    const pool = tracked<{ connection?: object }>({}, "pool");
    await both(
      async () => {
        if (pool.connection !== undefined) return;
        await hop();
        pool.connection = {};
      },
      async () => {
        await hops(4);
        pool.connection ??= {};
      },
    );
  };
  const err = await explore(late).then(
    () => assert.fail("it races in some order"),
    (err: unknown) => err,
  );
  assert.ok(err instanceof ExploreError);
  assert.equal(err.kind, "race");
  assert.ok(err.switches > 0 && err.switches <= 4, `${err.switches} switches`);
  await assert.rejects(explore(late, { replay: err.replay }), { kind: "race", message: /stale write of pool/ });
});

test("240: what a bubble has done comes before what its caller does", async () => {
  const x = await bubble(
    async ({ ctx }) => {
      const x = account();
      void go(ctx, async () => {
        await hop();
        x.balance = 1;
      });
      return x;
    },
    { races: "strict" },
  );
  x.balance++;
  assert.equal(x.balance, 2);
});

test("240: what was settled before anything was tracked comes before all of it", async () => {
  await explore(
    async () => {
      const early = hop();
      const late = hops(3).then(() => early);
      await early;
      const x = account();
      x.balance = 1;
      await both(async () => {
        await early;
        await late;
        return x.balance;
      });
    },
    { runs: 50, races: "strict" },
  );
});

test("241: what a task does before it takes a lock in the same segment is not ordered by the lock", async () => {
  const program =
    (first: boolean): Program =>
    async ({ ctx }) => {
      const [x, mutex] = [account(), new Mutex()];
      await both(
        async () => await mutex.withLock(ctx, () => (x.balance = 1)),
        async () => {
          await hops(9);
          if (first) void x.balance;
          using guard = mutex.tryLock();
          if (!first && guard !== undefined) void x.balance;
        },
      );
    };
  await assert.rejects(explore(program(true), { runs: 1, races: "strict" }), { kind: "race" });
  await explore(program(false), { runs: 50, races: "strict" });
});

test("240: bubbles side by side, and promises kept from one to the next", async () => {
  let kept: Promise<void> | undefined;
  const program: Program = async (t) => {
    const x = account();
    await kept;
    kept = hop();
    await both(async () => {
      await t.sleep(1);
      x.balance++;
    });
    return x.balance;
  };
  assert.deepEqual(await Promise.all([bubble(program), bubble(program)]), [102, 102]);
  assert.equal(await bubble(program), 102);
});
