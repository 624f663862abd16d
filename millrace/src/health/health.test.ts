import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ctx, sleep } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import type { Reply } from "../http/index.ts";
import { runningTasks } from "../task/index.ts";
import { type Check, type HealthReport, newHealth } from "./index.ts";

function read(reply: Reply): { status: number; body: HealthReport } {
  assert.deepEqual(reply.head, ["cache-control", "no-store"]);
  assert.equal(reply.type, "application/json");
  return { status: reply.status, body: JSON.parse(String(reply.body)) as HealthReport };
}

const up: Check = () => Promise.resolve();

// A check that counts its runs and ends when the test says so.
function gate(): { check: Check; runs: () => number; open: (err?: Error) => void } {
  let runs = 0;
  let { promise, resolve, reject } = Promise.withResolvers<void>();
  return {
    check: () => (runs++, promise),
    runs: () => runs,
    open(failure) {
      if (failure === undefined) resolve();
      else reject(failure);
      ({ promise, resolve, reject } = Promise.withResolvers<void>());
    },
  };
}

test("live answers 200 whatever the checks say", () => {
  const health = newHealth({ checks: { database: () => Promise.reject(new Error("down")) } });
  health.drain();
  const reply = health.live();
  assert.deepEqual([reply.status, reply.body], [200, '{"status":"alive"}']);
});

test("startup is 503 until all checks have passed once, then 200 without asking, also while they fail or it drains", async () => {
  let runs = 0;
  let err: Error | undefined = new Error("not yet");
  const check: Check = () => (runs++, err === undefined ? Promise.resolve() : Promise.reject(err));
  const health = newHealth({ checks: { a: check }, cacheMs: 0 });
  const startup = async (): Promise<unknown[]> => {
    const reply = await health.startup();
    return [reply.status, reply.body, ...(reply.head ?? [])];
  };
  const rest = ["cache-control", "no-store"];
  assert.deepEqual(await startup(), [503, '{"status":"starting"}', ...rest]);
  err = undefined;
  assert.deepEqual(await startup(), [200, '{"status":"started"}', ...rest]);
  err = new Error("down");
  health.drain();
  assert.deepEqual(await startup(), [200, '{"status":"started"}', ...rest]);
  assert.equal(runs, 2);
});

test("last is what the last run has found, and runs nothing", async () => {
  let runs = 0;
  const health = newHealth({ checks: { a: () => Promise.resolve(runs++) } });
  const last = (): HealthReport | undefined => health.last;
  assert.equal(last(), undefined);
  assert.deepEqual([await health.check(), runs], [last(), 1]);
  health.drain();
  assert.deepEqual([last()?.status, last()?.checks["a"]?.status, runs], ["draining", "up", 1]);
});

test("a service that was ready has started, whoever asked", async () => {
  const health = newHealth({ checks: { a: up } });
  await health.ready();
  health.drain();
  assert.equal((await health.startup()).status, 200);
  const never = newHealth({ checks: { a: up } });
  never.drain();
  assert.equal((await never.startup()).status, 503);
});

describe("ready", () => {
  const cases: { name: string; checks: Record<string, Check>; status: number; want: Record<string, string> }[] = [
    { name: "no checks", checks: {}, status: 200, want: {} },
    { name: "all up", checks: { a: up, b: up }, status: 200, want: { a: "up", b: "up" } },
    {
      name: "one down",
      checks: {
        a: up,
        b: () => Promise.reject(new Failure("secret internals", { code: "unavailable", reason: "sql/connect" })),
      },
      status: 503,
      want: { a: "up", b: "down unavailable" },
    },
    {
      name: "a foreign error",
      checks: { a: () => Promise.reject(new Error("secret internals")) },
      status: 503,
      want: { a: "down unknown" },
    },
    {
      name: "a synchronous throw",
      checks: {
        a: () => {
          throw new Error("secret internals");
        },
      },
      status: 503,
      want: { a: "down unknown" },
    },
    {
      name: "one that takes too long",
      checks: { a: (ctx) => sleep(ctx, 60_000), b: up },
      status: 503,
      want: { a: "down deadline_exceeded", b: "up" },
    },
    {
      name: "one that ignores its context",
      checks: { a: () => new Promise(() => {}) },
      status: 503,
      want: { a: "down deadline_exceeded" },
    },
  ];
  for (const { name, checks, status, want } of cases) {
    test(name, async () => {
      const got = read(await newHealth({ checks, timeoutMs: 30 }).ready());
      assert.equal(got.status, status);
      assert.equal(got.body.status, status === 200 ? "ready" : "not_ready");
      const states = Object.entries(got.body.checks).map(([key, { status, error }]) => [
        key,
        [status, error].join(" ").trim(),
      ]);
      assert.deepEqual(Object.fromEntries(states), want);
      for (const check of Object.values(got.body.checks)) assert.ok(check.duration_ms >= 0 && check.duration_ms < 5000);
      assert.doesNotMatch(JSON.stringify(got.body), /internals/);
    });
  }
});

test("checks run at once, once for all who ask meanwhile", async () => {
  const [a, b] = [gate(), gate()];
  const health = newHealth({ checks: { a: a.check, b: b.check } });
  const answers = Array.from({ length: 50 }, () => health.check());
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual([a.runs(), b.runs()], [1, 1]);
  a.open();
  b.open();
  for (const report of await Promise.all(answers)) assert.equal(report.status, "ready");
});

test("results are used again for cacheMs, failures too", async () => {
  const a = gate();
  const cached = newHealth({ checks: { a: a.check }, cacheMs: 60_000 });
  const first = cached.check();
  await Promise.resolve();
  await Promise.resolve();
  a.open(new Error("down"));
  assert.equal((await first).status, "not_ready");
  assert.equal(await cached.check(), await first);
  assert.equal(a.runs(), 1);

  let runs = 0;
  const fresh = newHealth({
    checks: {
      a: async () => {
        if (runs++ === 0) throw new Error("down");
      },
    },
    cacheMs: 0,
  });
  assert.equal((await fresh.check()).status, "not_ready");
  assert.equal((await fresh.check()).status, "ready");
  assert.equal(runs, 2);
});

test("a check that hangs is not started again, and recovers when it ends", async () => {
  const a = gate();
  const health = newHealth({ checks: { hangs: a.check }, timeoutMs: 10, cacheMs: 0 });
  for (let i = 0; i < 3; i++) assert.equal((await health.check()).checks["hangs"]!.error, "deadline_exceeded");
  assert.equal(a.runs(), 1);
  assert.deepEqual(
    runningTasks()
      .map((task) => task.name)
      .filter((name) => name === "health hangs"),
    ["health hangs"],
  );
  a.open();
  await new Promise(setImmediate);
  const next = health.check();
  await Promise.resolve();
  await Promise.resolve();
  a.open();
  assert.equal((await next).status, "ready");
  assert.equal(a.runs(), 2);
});

test("drain makes it not ready at once, also for who waits already, and asks no more", async () => {
  const a = gate();
  const health = newHealth({ checks: { a: a.check } });
  const waiting = health.ready();
  await Promise.resolve();
  await Promise.resolve();
  health.drain();
  a.open();
  const got = read(await waiting);
  assert.deepEqual([got.status, got.body.status, got.body.checks["a"]!.status], [503, "draining", "up"]);
  assert.equal((await health.check()).status, "draining");
  assert.equal(a.runs(), 1);
});

test("a check gets a context with the limit as its deadline, ended afterwards", async () => {
  let seen: Ctx | undefined;
  const health = newHealth({ checks: { a: async (ctx) => void (seen = ctx) }, timeoutMs: 500 });
  const now = Date.now();
  await health.check();
  assert.ok(Math.abs(seen!.deadline! - now - 500) < 100);
  assert.notEqual(seen!.err, undefined);
});

test("bounds are checked", () => {
  assert.throws(() => newHealth({ timeoutMs: 0 }), /timeoutMs must be above 0, not 0/);
  assert.throws(() => newHealth({ cacheMs: -1 }), /cacheMs must be 0 or more, not -1/);
});
