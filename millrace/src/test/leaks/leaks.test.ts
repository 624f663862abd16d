import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { chan, select, ticker } from "../../chan/index.ts";
import {
  type CancelCtx,
  type Ctx,
  background,
  fromSignal,
  sleep,
  withCancel,
  withTimeout,
} from "../../context/index.ts";
import { collected } from "../../context/testing/observe.ts";
import { Guarded, Mutex, Semaphore } from "../../sync/index.ts";
import { SingleFlight, go, runningTasks } from "../../task/index.ts";
import { kit } from "../explore/kit.ts";
import { ExploreError, type Leak, LeakError, bubble, explore, leaks } from "../index.ts";

const NEVER = new Promise<void>(() => {});

interface Case {
  readonly name: string;
  /** leave begins something, and gives what ends it. */
  readonly leave: (ctx: CancelCtx) => unknown;
  readonly want: { readonly kind: Leak["kind"]; readonly name?: string | RegExp; readonly state: RegExp };
  /** at and from are functions. */
  readonly at?: string;
  readonly from?: string;
  /** worlds says whether it is found at the end of a bubble too, where the program's context is canceled. */
  readonly worlds?: (ctx: Ctx) => unknown;
}

const cases: readonly Case[] = [
  {
    name: "215, 217: a task that waits to receive",
    leave: function spawner(ctx) {
      void go(ctx, async function orders(ctx) {
        await chan<number>().recv(ctx);
      }).then(undefined, () => {});
    },
    want: { kind: "task", name: "orders", state: /^waits to receive from a channel made at / },
    at: "orders",
    from: "spawner",
  },
  {
    name: "215, 217: a task that waits on a context of its own making",
    leave: function spawner(ctx) {
      void go(ctx, async function orders(ctx) {
        using inner = withCancel(ctx);
        await select(inner, { a: chan<number>().onRecv });
      }).then(undefined, () => {});
    },
    want: { kind: "task", name: "orders", state: /^waits for a case of a select$/ },
    at: "orders",
    from: "spawner",
  },
  {
    name: "215, 217: a task that sleeps",
    leave: (ctx) => void go(ctx, (ctx) => sleep(ctx, 60_000), { name: "sleeper" }).then(undefined, () => {}),
    want: { kind: "task", name: "sleeper", state: /^waits for the end of a sleep$/ },
  },
  {
    name: "215, 217: a wait that is no task's",
    leave: function waiter(ctx) {
      chan<number>()
        .send(ctx, 1)
        .catch(() => {});
    },
    want: { kind: "wait", state: /^waits to send on a channel made at / },
    at: "waiter",
  },
  {
    name: "222: a lock that is held",
    async leave(ctx) {
      const guard = await new Mutex().lock(ctx);
      return () => guard[Symbol.dispose]();
    },
    want: { kind: "lock", name: /^Mutex made at /, state: /^is held/ },
    from: "leave",
  },
  {
    name: "222: a guarded value",
    async leave(ctx) {
      const guard = await new Guarded(1).lock(ctx);
      return () => guard[Symbol.dispose]();
    },
    want: { kind: "lock", name: /^Mutex made at /, state: /^is held/ },
  },
  {
    name: "222: tokens",
    async leave(ctx) {
      const semaphore = new Semaphore(3);
      await semaphore.acquire(ctx, 2);
      return () => semaphore.release(2);
    },
    want: { kind: "lock", name: /^Semaphore made at /, state: /^is held/ },
  },
  {
    name: "222: a context whose timer is set",
    leave: function opener(ctx) {
      withTimeout(ctx, 60_000);
    },
    want: { kind: "context", state: /timer is set/ },
    from: "opener",
  },
  {
    name: "222: a ticker",
    leave() {
      const ticks = ticker(60_000);
      return () => ticks[Symbol.dispose]();
    },
    want: { kind: "ticker", state: /timer is set/ },
  },
  {
    name: "222: a timer",
    leave: function setter() {
      const timer = setInterval(() => {}, 60_000);
      return () => clearInterval(timer);
    },
    want: { kind: "timer", state: /is set/ },
    from: "setter",
  },
  {
    name: "222: a listener on a signal",
    leave: function listener(ctx) {
      fromSignal(ctx, new AbortController().signal);
    },
    want: { kind: "listener", state: /AbortSignal/ },
    from: "listener",
  },
  {
    name: "222: a call of a single flight",
    leave: (ctx) => void new SingleFlight<string, void>().do(ctx, "key", (ctx) => sleep(ctx, 60_000)).catch(() => {}),
    want: { kind: "task", name: "single flight key", state: /^waits for the end of a sleep$/ },
  },
];

describe("leaks", () => {
  for (const { name, leave, want, at, from } of cases) {
    test(name, async () => {
      const watch = leaks();
      const ctx = withCancel(background);
      const end = (await leave(ctx)) as (() => void) | undefined;
      await new Promise(setImmediate);
      const err = await watch.check().then(
        () => assert.fail("nothing was found"),
        (err: unknown) => err,
      );
      assert.ok(err instanceof LeakError, String(err));
      const left = err.leaks.find(({ kind }) => kind === want.kind);
      assert.ok(left !== undefined, err.message);
      assert.match(left.state, want.state);
      if (want.name !== undefined) assert.match(left.name, new RegExp(want.name));
      if (at !== undefined) assert.match(left.at[0] ?? "", new RegExp(`\\b${at} \\(.*leaks\\.test\\.ts:`));
      if (from !== undefined) assert.match(left.from.join(), new RegExp(`\\b${from} \\(.*leaks\\.test\\.ts:`));
      assert.match(err.message, /^leaks: \d+ things? (is|are) left\n {2}/);
      end?.();
      ctx.cancel();
      await watch[Symbol.asyncDispose]();
    });
  }

  test("215: nothing left, nothing said; the whole toolkit in use", async () => {
    await using _ = leaks();
    using ctx = withTimeout(background, 5000);
    const ch = chan<number>();
    await using task = go(ctx, async (ctx) => {
      for (let i = 0; i < 100; i++) await ch.send(ctx, i);
      ch.close();
    });
    const m = new Mutex();
    for await (const _n of ch.iter(ctx)) await m.withLock(ctx, () => {});
    await sleep(ctx, 1);
    await task;
  });

  test("216: what is about to end has its time", async () => {
    await using _ = leaks();
    void go(background, (ctx) => sleep(ctx, 30));
  });

  test("218: ignoreCurrent hides what is there, and nothing that comes later, of the same name or in its place", async () => {
    const watch = leaks();
    const { promise, resolve } = Promise.withResolvers<void>();
    const start = (): void => void go(background, () => promise, { name: "same" });
    start();
    watch.ignoreCurrent();
    await watch.check();
    start();
    await assert.rejects(watch.check(), (err) => err instanceof LeakError && err.leaks.length === 1);
    resolve();
    await watch[Symbol.asyncDispose]();
  });

  const rules = [
    { ignore: { name: "worker" }, left: 0 },
    { ignore: { name: "other" }, left: 1 },
    { ignore: { createdBy: "creator" }, left: 0 },
    { ignore: { createdBy: "caller" }, left: 1 },
    { ignore: { frame: "caller" }, left: 0 },
    { ignore: { frame: "worker" }, left: 0 },
    { ignore: { frame: "nobody" }, left: 1 },
    { ignore: { name: "worker", frame: "nobody" }, left: 1 },
    { ignore: {}, left: 1 },
  ];
  for (const { ignore, left } of rules) {
    test(`219: ignore ${JSON.stringify(ignore)}`, async () => {
      const watch = leaks({ ignore: [ignore] });
      using ctx = withCancel(background);
      function creator(): void {
        void go(ctx, async function worker(ctx) {
          await chan<number>().recv(ctx);
        }).then(undefined, () => {});
      }
      function caller(): void {
        creator();
      }
      caller();
      await new Promise(setImmediate);
      assert.equal(watch.left().length, left);
      watch.close();
    });
  }

  describe("221: tests side by side", { concurrency: true }, () => {
    for (let i = 0; i < 5; i++) {
      test(`test ${i}`, async () => {
        const watch = leaks();
        const ctx = withCancel(background);
        if (i % 2 === 0) void go(ctx, () => sleep(ctx, 60_000), { name: `task ${i}` }).then(undefined, () => {});
        await new Promise((resolve) => setTimeout(resolve, 20));
        const names = watch.left().flatMap(({ kind, name }) => (kind === "task" ? [name] : []));
        assert.deepEqual(names, i % 2 === 0 ? [`task ${i}`] : []);
        ctx.cancel();
        await watch[Symbol.asyncDispose]();
      });
    }
  });

  test("215: what a bubble has left does not count for the test around it", async () => {
    await using _ = leaks();
    await assert.rejects(
      bubble(async (t) => {
        const ch = chan<number>();
        void go(t.ctx, () => ch.recv(background), { name: "stuck" });
        await NEVER;
      }),
    );
  });
});

describe("leaks in worlds", () => {
  const left: readonly { name: string; run: (ctx: Ctx) => unknown; says: RegExp }[] = [
    {
      name: "215: a task that nothing wakes",
      run: (ctx) => void go(ctx, () => NEVER, { name: "stuck" }),
      says: /task stuck: goes on although its context has ended\n +started at run \(/,
    },
    {
      name: "222: a lock that is held",
      async run(ctx) {
        await new Mutex().lock(ctx);
      },
      says: /Mutex made at run \(.*: is held by .*\n +taken at run \(/,
    },
    {
      name: "222: a context whose timer is set",
      run: () => void withTimeout(background, 1000),
      says: /context with a deadline: its timer is set\n +made at run \(/,
    },
  ];
  for (const { name, run, says } of left) {
    test(name, async () => {
      await assert.rejects(
        bubble((t) => run(t.ctx)),
        (err: Error) => says.test(err.message) || assert.fail(err.message),
      );
      await assert.rejects(
        explore((t) => run(t.ctx)),
        (err) => err instanceof ExploreError && err.kind === "leak" && says.test(err.message),
      );
      await bubble((t) => run(t.ctx), { leaks: false });
    });
  }

  test("216: a run waits for its tasks, however long they sleep", async () => {
    await bubble(() => void go(background, (ctx) => sleep(ctx, 3_600_000)));
  });

  test("251: 10,000 runs that fail leave nothing in the registry", async () => {
    using _ = kit();
    const before = runningTasks().length;
    const refs: WeakRef<object>[] = [];
    for (let i = 0; i < 10_000; i++) {
      await bubble(async (t) => {
        void go(
          t.ctx,
          (ctx) => {
            if (i % 1000 === 0) refs.push(new WeakRef(ctx));
            return new Promise(() => {});
          },
          { name: "stuck" },
        );
        await new Promise(() => {});
      }).catch(() => {});
    }
    assert.equal(runningTasks().length, before);
    await collected(refs);
  });

  test("251: a task that ends after its run was given up does the registry no harm", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await bubble(async (t) => {
      void go(t.ctx, () => promise, { name: "late" });
      await NEVER;
    }).catch(() => {});
    using ctx = withCancel(background);
    const task = go(ctx, () => sleep(ctx, 60_000), { name: "other" });
    task.then(undefined, () => {});
    resolve();
    await new Promise(setImmediate);
    assert.deepEqual(
      runningTasks().map(({ name }) => name),
      ["other"],
    );
  });
});

describe("suiteLeaks", () => {
  const script = join(import.meta.dirname, "testing", "suite.ts");
  const outcomes = [
    { name: "clean", code: 0, says: /^$/ },
    { name: "leaking", code: 1, says: /^leaks: 1 thing is left\n {2}task left: waits to receive from a channel/ },
    { name: "failing", code: 1, says: /^$/ },
    { name: "failing always", code: 1, says: /^leaks: 1 thing is left/ },
  ];
  for (const { name, code, says } of outcomes) {
    test(`220: ${name}`, () => {
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const args = ["--conditions=@millrace/source", script, ...name.split(" ")];
      const ended = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 20_000, env });
      assert.equal(ended.status, code, ended.stdout);
      assert.match(ended.stderr, says);
    });
  }
});
