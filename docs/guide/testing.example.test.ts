import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import fc from "fast-check";
import { chan } from "millrace/chan";
import { type Ctx, background, sleep } from "millrace/context";
import { codeOf } from "millrace/errors";
import { type Handler, text } from "millrace/http";
import { listen } from "millrace/http/node";
import { Mutex } from "millrace/sync";
import { go } from "millrace/task";
import { parseDuration } from "millrace/time";
import {
  ExploreError,
  atomicGroup,
  bubble,
  deadlocks,
  exhaustive,
  explore,
  faults,
  fuzz,
  leaks,
  memoryPipe,
  schedules,
  tracked,
} from "millrace/test";

// --- 1. time

async function retry<T>(ctx: Ctx, attempts: number, fn: () => Promise<T>): Promise<T> {
  for (let pause = 1000; ; pause *= 2) {
    try {
      return await fn();
    } catch (err) {
      if (--attempts === 0) throw err;
      await sleep(ctx, pause);
    }
  }
}

test("the fourth attempt comes after seven seconds", async () => {
  await bubble(async (t) => {
    const times: number[] = [];
    const failing = async () => {
      times.push(performance.now());
      throw new Error("not yet");
    };
    const outcome = retry(t.ctx, 4, failing).catch((err: Error) => err.message);
    await t.settle(); // everything else waits now, and no time has passed
    assert.deepEqual(times, [0]);
    assert.equal(await outcome, "not yet");
    assert.deepEqual(times, [0, 1000, 3000, 7000]);
  });
});

// --- 2. every order

interface Store {
  get(key: string): Promise<number>;
  set(key: string, value: number): Promise<void>;
}

function memoryStore(): Store {
  const values = new Map([["ada", 100]]);
  return {
    get: async (key) => values.get(key) ?? 0,
    set: async (key, value) => void values.set(key, value),
  };
}

async function withdraw(store: Store, key: string, amount: number): Promise<void> {
  const balance = await store.get(key);
  await store.set(key, balance - amount);
}

async function twoWithdrawals(): Promise<void> {
  const store = memoryStore();
  const late = async () => {
    for (let i = 0; i < 6; i++) await store.get("ada");
    await withdraw(store, "ada", 20);
  };
  await Promise.all([withdraw(store, "ada", 10), late()]);
  assert.equal(await store.get("ada"), 70);
}

test("two withdrawals: right in the engine's order, wrong in another", async () => {
  await twoWithdrawals();
  const err = await explore(twoWithdrawals).catch((thrown: unknown) => thrown);
  assert.ok(err instanceof ExploreError);
  assert.match(err.message, /forced decision/);
  await assert.rejects(explore(twoWithdrawals, { replay: err.replay }), ExploreError);
});

test("two withdrawals under a lock are right in a thousand orders", async () => {
  await explore(async (t) => {
    const store = memoryStore();
    const lock = new Mutex();
    const locked = (amount: number) => lock.withLock(t.ctx, () => withdraw(store, "ada", amount));
    await Promise.all([locked(10), locked(20)]);
    assert.equal(await store.get("ada"), 70);
  });
});

// --- 3. all orders of something small

test("a flag and a wait, in every order with two preemptions", async () => {
  const { complete } = await exhaustive(async (t) => {
    const done = chan<void>(1);
    const worker = go(t.ctx, (ctx) => done.send(ctx, undefined));
    await done.recv(t.ctx);
    await worker;
  });
  assert.equal(complete, true);
});

// --- 4. races that did not happen

test("a stale write is found in the one run that goes well", async () => {
  const once = { runs: 1 }; // the engine's own order
  const body = (guarded: boolean) => async (t: { ctx: Ctx }) => {
    const account = tracked({ balance: 100 }, "account");
    const lock = new Mutex();
    const take = async (amount: number, after: number) => {
      await sleep(t.ctx, after);
      using _ = guarded ? await lock.lock(t.ctx) : undefined;
      const { balance } = account;
      await sleep(t.ctx, 1);
      account.balance = balance - amount;
    };
    await Promise.all([take(10, 0), take(20, 5)]);
    assert.equal(account.balance, 70); // it went well
  };
  await assert.rejects(explore(body(false), once), /account\.balance/);
  await explore(body(true), once);
});

test("two fields that belong together are one", async () => {
  const body = async (t: { ctx: Ctx }) => {
    const range = tracked({ low: 0, high: 10 }, "range");
    atomicGroup("range", range);
    const raise = async () => {
      const { high } = range;
      await sleep(t.ctx, 1);
      range.low = high; // on the base of a high that may be gone
    };
    const shrink = async () => {
      await sleep(t.ctx, 5);
      range.high = 5;
    };
    await Promise.all([raise(), shrink()]);
  };
  await assert.rejects(explore(body, { runs: 1 }), /range/);
});

// --- 5. inputs and order together

async function sumAll(amounts: readonly number[]): Promise<number> {
  const store = memoryStore();
  await store.set("sum", 0);
  const add = async (amount: number) => {
    await store.set("sum", (await store.get("sum")) + amount);
  };
  for (const amount of amounts) await add(amount); // with Promise.all(amounts.map(add)) it fails for [1, 1]
  return store.get("sum");
}

test("a sum is a sum, for all inputs in all orders", async () => {
  const property = fc.asyncProperty(schedules(fc), fc.array(fc.nat()), async (schedule, amounts) => {
    await schedule(async () => {
      assert.equal(
        await sumAll(amounts),
        amounts.reduce((sum, amount) => sum + amount, 0),
      );
    });
  });
  await fc.assert(property);
});

// --- 6. leaks

test("what a test has begun has ended", async () => {
  await using left = leaks();
  const worker = go(background, (ctx) => chan<string>().recv(ctx), { name: "reader" });
  await assert.rejects(left.check(), /reader/);
  worker.cancel();
  await worker.then(null, () => {});
});

// --- 7. deadlocks

test("a lock that is taken twice fails at once", async () => {
  using _ = deadlocks();
  const lock = new Mutex();
  const rename = (ctx: Ctx) => lock.withLock(ctx, () => audit(ctx));
  const audit = (ctx: Ctx) => lock.withLock(ctx, () => "never");
  await assert.rejects(rename(background), /DeadlockError/);
});

test("two locks in two orders are found though this run goes well", async () => {
  const body = async (t: { ctx: Ctx }) => {
    const from = new Mutex();
    const to = new Mutex();
    const both = (one: Mutex, other: Mutex) => one.withLock(t.ctx, () => other.withLock(t.ctx, () => undefined));
    const transfer = both(from, to);
    await sleep(t.ctx, 5); // by now it is done
    await Promise.all([transfer, both(to, from)]);
  };
  await assert.rejects(explore(body, { runs: 1 }), (err: ExploreError) => err.kind === "deadlock");
});

// --- 8. bad days

test("what is taken is given back, also when the wait in between is cut short", async () => {
  const body = (careful: boolean) => async (t: { ctx: Ctx }) => {
    const slots = chan<true>(1);
    const ctx = faults(t.ctx, { rate: 0.3, kinds: ["abort"] });
    const job = async () => {
      await slots.send(t.ctx, true);
      try {
        await sleep(ctx, 10);
      } catch (err) {
        if (!careful) throw err; // and the slot is lost
      }
      slots.tryRecv();
    };
    await job().catch(() => {});
    assert.equal(slots.length, 0);
  };
  await assert.rejects(explore(body(false)), ExploreError);
  await explore(body(true));
});

// --- 9. a server in memory

test("a request that takes too long is answered after its deadline", async () => {
  await bubble(async (t) => {
    const slow: Handler = async (ctx) => {
      await sleep(ctx, 3_600_000);
      return text("never");
    };
    const log = { error: () => {} };
    await using server = await listen(t.ctx, { addr: "memory", handler: slow, requestDeadlineMs: 30_000, log });
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const createConnection = () => {
        const pipe = memoryPipe();
        server.accept(pipe.server);
        return pipe.client;
      };
      http.get("http://memory/", { createConnection }, resolve).on("error", reject);
    });
    answer.resume();
    assert.equal(answer.statusCode, 504);
    assert.equal(Math.round(performance.now() / 1000), 30);
  });
});

// --- 10. whatever anybody sends

fuzz("parseDuration", fc.string(), (text) => {
  try {
    assert.ok(parseDuration(text) >= 0);
  } catch (err) {
    assert.equal(codeOf(err), "invalid_argument"); // and nothing else
  }
});
