import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { Canceled, type Ctx, background, ctxKey, sleep, withCancel, withTimeout, withValue } from "../context/index.ts";
import { type Task, go, recordSpawns, runningTasks } from "./index.ts";
import { hops, names, rejections } from "./testing/hops.ts";

// A task that runs until its context ends, then throws what it is told to.
function blocked(ctx: Ctx, name: string, end: (ctx: Ctx) => unknown = (inner) => inner.err): Task<void> {
  return go(
    ctx,
    async (inner) => {
      await sleep(inner, 60_000).catch(() => {});
      throw end(inner);
    },
    { name },
  );
}

describe("go", () => {
  test("193: returns before the function runs, which starts in a microtask", async () => {
    const steps: string[] = [];
    const task = go(background, () => void steps.push("task"));
    steps.push("caller");
    await Promise.resolve();
    steps.push("later");
    await task;
    assert.deepEqual(steps, ["caller", "task", "later"]);
  });

  test("194: what the caller did before is seen, and tasks start in the order of go", async () => {
    let value = 0;
    const seen: number[] = [];
    const tasks = [1, 2, 3].map((n) => go(background, () => void seen.push(n * value)));
    value = 10;
    await Promise.all(tasks);
    assert.deepEqual(seen, [10, 20, 30]);
  });

  test("195: awaiting gives the result, as often as one likes", async () => {
    const task = go(background, async () => 42);
    assert.deepEqual([await task, await task, await task.then((n) => n + 1)], [42, 42, 43]);
    const err = new Error("x");
    const failing = go(background, () => {
      throw err;
    });
    for (let i = 0; i < 2; i++)
      await assert.rejects(
        async () => failing,
        (thrown) => thrown === err,
      );
    assert.equal(await failing.then(undefined, () => "caught"), "caught");
  });

  test("196: the error of a task that nobody awaits reaches the process, never nothing", async () => {
    const script = join(import.meta.dirname, "testing", "lost-error.ts");
    const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@millrace/source", script]);
    assert.deepEqual(stdout.trim().split("\n").toSorted(), ["unhandled: asynchronous", "unhandled: synchronous"]);
  });

  test("the task's context is a child: values and end come from above, the parent does not end with it", async () => {
    const key = ctxKey<string>("k");
    const parent = withCancel(withValue(background, key, "v"));
    let inner: Ctx | undefined;
    const task = go(parent, async (ctx) => {
      inner = ctx;
      assert.equal(ctx.get(key), "v");
      await sleep(ctx, 60_000);
    });
    await Promise.resolve();
    parent.cancel("why");
    await assert.rejects(
      async () => task,
      (err) => err === parent.err,
    );
    assert.equal(inner!.cause, "why");
    const other = withCancel(background);
    await go(other, (ctx) => void (inner = ctx));
    assert.ok(inner!.err instanceof Canceled);
    await go(other, (ctx) => {
      inner = ctx;
      throw new Error("x");
    }).then(undefined, () => {});
    assert.ok(inner!.err instanceof Canceled);
    assert.equal(other.err, undefined);
  });

  test("195: a promise, a thenable and a value are results alike; a context as the result is not awaited", async () => {
    const foreign = { then: (resolve: (n: number) => void) => resolve(3) } as PromiseLike<number>;
    assert.deepEqual(
      await Promise.all([
        go(background, () => 1),
        go(background, () => Promise.resolve(2)),
        go(background, () => foreign),
      ]),
      [1, 2, 3],
    );
    let inner: Ctx | undefined;
    assert.equal(await go(background, async (ctx) => (inner = ctx)), inner);
    let settle: ((n: number) => void) | undefined;
    const slow: unknown = { then: (resolve: (n: number) => void) => void (settle = resolve) };
    const task = go(background, () => slow as PromiseLike<number>);
    await hops();
    assert.equal(names().length, 1);
    settle?.(4);
    assert.equal(await task, 4);
  });

  test("195: a task can be awaited before, while and after it runs, in any order, by many", async () => {
    for (const early of [0, 1, 2, 3]) {
      const task = go(background, async () => {
        await hops();
        return 7;
      });
      await hops(early);
      const many = [task, task.then((n) => n), Promise.resolve(task)];
      assert.deepEqual(await Promise.all(many), [7, 7, 7]);
    }
  });

  test("a task whose context is done before it starts still runs, and sees that", async () => {
    const ctx = withCancel(background);
    ctx.cancel("gone");
    assert.equal(await go(ctx, (inner) => inner.cause), "gone");
  });

  test("cancel ends the task's context with a cause", async () => {
    const task = go(background, (ctx) => sleep(ctx, 60_000).catch(() => ctx.cause));
    task.cancel("enough");
    task.cancel("again");
    assert.equal(await task, "enough");
  });

  test("its name is the option, the function's name, or task", () => {
    function worker(): void {}
    assert.deepEqual(
      [go(background, worker).name, go(background, worker, { name: "mine" }).name, go(background, () => {}).name],
      ["worker", "mine", "task"],
    );
  });
});

describe("dispose", () => {
  test("cancels the task and waits until it has ended", async () => {
    let ended = false;
    {
      await using _task = go(background, async (ctx) => {
        await sleep(ctx, 60_000).catch(() => {});
        await new Promise(setImmediate);
        ended = true;
      });
    }
    assert.equal(ended, true);
  });

  test("that the task says it was canceled is no error then", async () => {
    const task = blocked(background, "t");
    await task[Symbol.asyncDispose]();
    await task[Symbol.asyncDispose]().catch((err: unknown) => assert.ok(err instanceof Canceled));
  });

  const own = new Error("own");
  const cases: { name: string; ctx: () => Ctx; end: (ctx: Ctx) => unknown; want: (ctx: Ctx) => unknown }[] = [
    { name: "an error of its own", ctx: () => background, end: () => own, want: () => own },
    {
      name: "an error wrapped around the cancel",
      ctx: () => background,
      end: (ctx) => new Error("wrapped", { cause: ctx.err }),
      want: () => "wrapped",
    },
    {
      name: "the end of the context above, before",
      ctx: () => withTimeout(background, 0),
      end: (ctx) => ctx.err,
      want: (ctx) => ctx.err,
    },
  ];
  for (const { name, ctx, end, want } of cases) {
    test(`${name} is thrown`, async () => {
      const parent = ctx();
      const task = blocked(parent, "t", end);
      const err: unknown = await task[Symbol.asyncDispose]().catch((thrown: unknown) => thrown);
      const wanted = want(parent);
      if (typeof wanted === "string") assert.equal((err as Error).message, wanted);
      else assert.equal(err, wanted);
    });
  }

  test("a task that has ended is left as it is", async () => {
    const task = go(background, () => 1);
    await task;
    await task[Symbol.asyncDispose]();
    assert.equal(await task, 1);
  });

  test("an error comes out once: of the await, or else of the end of the block", async () => {
    const block = async (awaits: boolean): Promise<void> => {
      await using failing = go(background, () => Promise.reject(own));
      await hops();
      if (awaits) await failing;
    };
    // That it fails while the block waits for something else is the block's business, and not the process's.
    using watch = rejections();
    await assert.rejects(block(true), (err) => err === own);
    await hops();
    assert.deepEqual(watch.seen, []);
    await assert.rejects(block(false), (err) => err === own);
  });
});

describe("runningTasks", () => {
  test("lists what has not ended, oldest first, with ages, from before it starts", async () => {
    assert.deepEqual(names(), []);
    const tasks = ["a", "b", "c"].map((name) => blocked(background, name));
    assert.deepEqual(names(), ["a", "b", "c"]);
    await new Promise(setImmediate);
    const ages = runningTasks().map((task) => task.ageMs);
    assert.ok(ages.every((age) => age >= 0 && age < 10_000));
    assert.deepEqual(
      ages,
      ages.toSorted((x, y) => y - x),
    );
    await tasks[1]![Symbol.asyncDispose]();
    assert.deepEqual(names(), ["a", "c"]);
    await tasks[2]![Symbol.asyncDispose]();
    await tasks[0]![Symbol.asyncDispose]();
    assert.deepEqual(names(), []);
  });

  test("however a task ends, it is off the list when its awaiter goes on", async () => {
    const endings: (() => unknown)[] = [
      () => 1,
      async () => {},
      () => Promise.reject(new Error("x")),
      () => {
        throw new Error("x");
      },
    ];
    for (const end of endings) {
      const task = go(background, end);
      assert.equal(names().length, 1);
      await task.then(undefined, () => {});
      assert.deepEqual(names(), []);
    }
  });

  test("a task is running, waiting or canceled", async () => {
    const gate = Promise.withResolvers<void>();
    const ctx = withCancel(background);
    const state = (): string | undefined => runningTasks()[0]?.state;
    const task = go(ctx, async (inner) => {
      await gate.promise;
      await sleep(inner, 60_000).catch(() => {});
      await hops();
    });
    await hops();
    assert.equal(state(), "running");
    gate.resolve();
    await hops();
    assert.equal(state(), "waiting");
    ctx.cancel();
    assert.equal(state(), "canceled");
    await task;
    assert.equal(state(), undefined);
  });

  test("where a task was started is recorded on request", async () => {
    function starter(): Task<void> {
      return go(background, () => hops());
    }
    recordSpawns(true);
    const recorded = starter();
    recordSpawns(false);
    recordSpawns(true);
    assert.equal(runningTasks()[0]?.startedBy, undefined);
    const again = starter();
    assert.match(runningTasks()[1]?.startedBy ?? "", /starter.*go\.test\.ts/);
    recordSpawns(false);
    assert.equal(runningTasks()[1]?.startedBy, undefined);
    await Promise.all([recorded, again]);
  });

  test("10,000 tasks that end in any order leave it empty", async () => {
    const tasks = Array.from({ length: 10_000 }, (_, n) =>
      go(background, async () => {
        for (let i = 0; i < (n * 7919) % 10; i++) await Promise.resolve();
      }),
    );
    assert.equal(names().length, 10_000);
    await Promise.all(tasks);
    assert.deepEqual(names(), []);
  });
});
