import assert from "node:assert/strict";
import { test } from "node:test";
import { background } from "../../context/index.ts";
import { Mutex } from "../../sync/index.ts";
import { go } from "../../task/index.ts";
import { bubble } from "../bubble.ts";
import { explore } from "../explore/explore.ts";
import { ExploreError } from "../explore/report.ts";
import type { T } from "../explore/run.ts";
import { both, hop, hops } from "./testing/litmus/program.ts";
import { tracked } from "./tracked.ts";

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
      /deposit#\d+ writes at deposit \(.*run\.test\.ts:\d+:\d+\): x\.balance = before \+ 1/,
      /and has read at (?:deposit|withdraw) \(.*run\.test\.ts:\d+:\d+\): const before = (?:x|from)\.balance/,
      /withdraw#\d+ writes at withdraw \(.*run\.test\.ts:\d+:\d+\): from\.balance = before - n/,
      /ordered last by await at deposit \(.*run\.test\.ts:\d+:\d+\): await hop\(\)/,
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
