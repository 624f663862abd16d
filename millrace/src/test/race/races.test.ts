import assert from "node:assert/strict";
import { test } from "node:test";
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
