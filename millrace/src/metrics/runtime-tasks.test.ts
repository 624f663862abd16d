import assert from "node:assert/strict";
import { test } from "node:test";
import { chan, select } from "../chan/index.ts";
import { type Ctx, background, sleep, withCancel, withTimeout } from "../context/index.ts";
import { eventually } from "../sql/testing/database.ts";
import { Mutex, RWMutex, Semaphore, WaitGroup } from "../sync/index.ts";
import { go } from "../task/index.ts";
import { Registry } from "./registry.ts";
import { runtimeTasks } from "./runtime-tasks.ts";
import { scrape } from "./scrape.ts";

test("tasks that wait are counted by what for", async () => {
  const registry = new Registry();
  runtimeTasks(registry);
  using owner = withCancel(background);
  const [mutex, readers, tokens, group] = [new Mutex(), new RWMutex(), new Semaphore(1), new WaitGroup()];
  using _mutex = await mutex.lock(owner);
  using _writer = await readers.lock(owner);
  using _token = await tokens.acquire(owner);
  group.add(1);
  const waits: readonly [kind: string, wait: (ctx: Ctx) => PromiseLike<unknown>][] = [
    ["receive", (ctx) => chan<number>().recv(ctx)],
    ["send", (ctx) => chan<number>().send(ctx, 1)],
    ["select", (ctx) => select(ctx, { one: chan<number>(), two: chan<number>() })],
    ["lock", (ctx) => mutex.lock(ctx)],
    ["lock", (ctx) => readers.lock(ctx)],
    ["lock", (ctx) => readers.rlock(ctx)],
    ["semaphore", (ctx) => tokens.acquire(ctx)],
    ["sleep", (ctx) => sleep(ctx, 60_000)],
    ["other", (ctx) => group.wait(ctx)],
  ];
  const tasks = waits.map(([, wait]) => go(owner, async (ctx) => void (await wait(ctx))));
  const counts = (): Record<string, number> =>
    Object.fromEntries(
      [...scrape(registry).body.matchAll(/^millrace_task_waits{for="(\w+)"} (\d+)$/gm)].map(([, kind, n]) => [
        kind,
        Number(n),
      ]),
    );
  using patience = withTimeout(background, 20_000);
  await eventually(patience, "all wait", () => Object.values(counts()).reduce((sum, n) => sum + n, 0) === waits.length);
  assert.deepEqual(counts(), { lock: 3, other: 1, receive: 1, select: 1, semaphore: 1, send: 1, sleep: 1 });
  owner.cancel();
  await Promise.allSettled(tasks);
  assert.equal(
    Object.values(counts()).reduce((sum, n) => sum + n, 0),
    0,
  );
});
