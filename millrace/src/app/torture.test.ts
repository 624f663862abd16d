import assert from "node:assert/strict";
import { test } from "node:test";
import { background, sleep, withCancel } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { bubble } from "../test/index.ts";
import { component } from "./index.ts";
import { interrupt } from "./interrupt.ts";
import {
  Bench,
  CANCEL_MS,
  CLOSE_MS,
  DRAIN_MS,
  FLUSH_MS,
  type Fault,
  GRACE_MS,
  type Kind,
  READY_DELAY_MS,
} from "./testing/bench.ts";

// Every kind of component, doing everything wrong that it can, while the app is stopped in every way: each outcome is
// decided, told of, and within the budget. Time is virtual.

// The graces are for listeners, for servers that cut connections, and for what is closed last.
const BUDGET_MS = READY_DELAY_MS + DRAIN_MS + CANCEL_MS + FLUSH_MS + CLOSE_MS + 3 * GRACE_MS + 10;

const broke = new Failure("it broke", { code: "internal" });

interface Stop {
  readonly name: string;
  /** stop is done to a running app. */
  readonly stop: (it: Bench, cancel: () => void) => unknown;
  /** rejects says that run ends with the error that stopped the app. */
  readonly rejects?: true;
}

const stops: Stop[] = [
  { name: "SIGTERM", stop: () => process.emit("SIGTERM", "SIGTERM") },
  { name: "SIGINT", stop: () => process.emit("SIGINT", "SIGINT") },
  { name: "the end of the context", stop: (_, cancel) => cancel() },
  { name: "an uncaught error", stop: () => interrupt({ kind: "fault", err: broke }), rejects: true },
  { name: "a task that fails", stop: (it) => it.app.go("failing", () => Promise.reject(broke)), rejects: true },
  { name: "dispose", stop: (it) => void it.app[Symbol.asyncDispose]().catch(() => {}) },
];

const kinds: Kind[] = ["listener", "server", "task", "flush", "resource", "component", "draining component"];
const faults: Fault[] = ["none", "slow", "hangs", "throws", "rejects", "rejects late"];

for (const { name, stop, rejects = false } of stops) {
  test(`${name}, while any component does anything`, { timeout: 60_000 }, async () => {
    for (const kind of kinds) {
      for (const fault of faults) {
        await bubble(() => oneStop(kind, fault, stop, rejects), { leaks: false }).catch((err: unknown) => {
          throw new Error(`a ${kind} that ${fault}`, { cause: err });
        });
      }
    }
  });
}

async function oneStop(kind: Kind, fault: Fault, stop: Stop["stop"], rejects: boolean): Promise<void> {
  const it = new Bench();
  const ctx = withCancel(background);
  const listening = process.listenerCount("SIGTERM");
  await it.app.own("first", it.resource("first"));
  await it.add(kind, fault);
  it.app.onDrain(() => void it.events.push("not ready"));
  it.app.serve("http", { shutdown: async () => void it.events.push("drained") });
  it.app.go("worker", async (ctx) => {
    await sleep(ctx, 1e9).catch(() => {});
    it.events.push("task ended");
  });
  it.app.onFlush("spans", () => void it.events.push("flushed"));
  await it.app.own("last", it.resource("last"));
  const running = it.app.run(ctx).then(
    () => undefined,
    (err: unknown) => err,
  );
  await sleep(background, 10);
  const startedAt = performance.now();
  stop(it, () => ctx.cancel());
  const err = await running;
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs <= BUDGET_MS, `took ${tookMs} ms`);
  assert.equal(it.app.state, "stopped");
  assert.deepEqual(it.events, ["not ready", "drained", "task ended", "flushed", "last", "first"]);
  assert.equal(process.listenerCount("SIGTERM"), listening);
  const stuck = fault === "hangs" || fault === "rejects late";
  if (stuck) assert.equal((err as Failure).reason, "app/stuck");
  else if (!rejects) assert.equal(err, undefined);
  if (rejects) assert.ok(String(stuck ? (err as Failure).cause : err).includes("it broke"), String(err));
  if (rejects) assert.match(it.errors, /it broke/);
  const named = it.lines.flatMap((line) => line.stuck ?? []).map((each) => each.name);
  assert.deepEqual(named, stuck ? [kind === "listener" ? "readiness" : `bad ${kind}`] : []);
  // What fails after it was left behind is told of as well.
  await sleep(background, 120_000);
  if (fault === "throws" || fault.startsWith("rejects")) assert.match(it.errors, new RegExp(`bad ${kind} ${fault}`));
}

test("several that hang cost no more than one", () =>
  bubble(
    async () => {
      const it = new Bench();
      for (const kind of kinds) for (let i = 0; i < 5; i++) await it.add(kind, "hangs");
      const startedAt = performance.now();
      const stopped = assert.rejects(it.app[Symbol.asyncDispose](), { reason: "app/stuck" });
      await stopped;
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs <= BUDGET_MS, `took ${tookMs} ms`);
      assert.equal(it.lines.at(-1)!.stuck!.length, 5 * kinds.length);
    },
    { leaks: false },
  ));

test("the hard stop bounds all stages together, and each still has its turn", async () => {
  for (const hardStopMs of [600, 1500, 2500, 3500]) {
    await bubble(
      async () => {
        const it = new Bench({ hardStopMs });
        const flushed = Promise.withResolvers<void>();
        it.app.onFlush("spans", () => flushed.resolve());
        await it.app.own("first", it.resource("first"));
        for (const kind of kinds) await it.add(kind, "hangs");
        const startedAt = performance.now();
        const running = assert.rejects(it.app.run(background), { reason: "app/stuck" });
        process.emit("SIGTERM", "SIGTERM");
        await running;
        const tookMs = performance.now() - startedAt;
        assert.ok(tookMs <= Math.max(hardStopMs, 2 * GRACE_MS) + 10, `took ${tookMs} ms of ${hardStopMs}`);
        await flushed.promise;
        assert.deepEqual(it.events, ["first"]);
        assert.equal(it.lines.at(-1)!.stuck!.length, kinds.length);
      },
      { leaks: false },
    );
  }
});

test("a task that another starts when it is canceled ends before what it uses is closed; one that never stops starting is left", async () => {
  for (const rounds of [3, 1e6]) {
    await bubble(async () => {
      const it = new Bench();
      await it.app.own("database", it.resource("database"));
      const next = (n: number): void =>
        it.app.go(`flush ${n}`, async (ctx) => {
          await sleep(ctx, 1e9).catch(() => {});
          await sleep(background, 100);
          it.events.push("flush");
          if (n < rounds && it.app.state !== "stopped") next(n + 1);
        });
      next(1);
      const startedAt = performance.now();
      await it.app[Symbol.asyncDispose]().catch(() => {});
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs <= BUDGET_MS, `took ${tookMs} ms`);
      if (rounds === 3) assert.deepEqual(it.events, ["flush", "flush", "flush", "database"]);
      else assert.ok(it.events.includes("database"));
    });
  }
});

// A program that takes a while in each stage, and when it is in it: in the delay, while draining, canceling tasks,
// flushing, and closing.
const STAGES_AT = [1, 1, 1001, 1301, 1501].map((ms, n) => (n === 0 ? ms : READY_DELAY_MS + ms));

async function slow(it: Bench): Promise<void> {
  it.app.serve("http", { shutdown: () => sleep(background, 1000) });
  it.app.go("slow", (ctx) => sleep(ctx, 1e9).catch(() => sleep(background, 300)));
  it.app.onFlush("slow", () => sleep(background, 200));
  const start = (): string => "slow";
  await it.app.start(background, { slow: component("slow", { start, stop: () => sleep(background, 500) }) });
}

interface Twice {
  readonly name: string;
  readonly act: (it: Bench) => unknown;
  readonly want: (it: Bench, result: unknown) => void;
  /** rejects says that run does not end well, although its stop was asked for. */
  readonly rejects?: true;
}

const whileStopping: Twice[] = [
  {
    name: "a second run is refused",
    act: (it) => it.app.run(background),
    want: (_, result) => assert.match(String(result), /TypeError: app: run: the app is \w+/),
  },
  {
    name: "what is opened is closed again, within a budget",
    act: (it) => it.app.own("late", it.resource("late")),
    want(it, result) {
      assert.equal((result as Failure).reason, "app/stopping");
      assert.ok(it.events.includes("late"));
    },
  },
  {
    name: "what is opened and cannot be closed is left",
    act: (it) => it.app.own("late", { [Symbol.asyncDispose]: () => new Promise<void>(() => {}) }),
    want: (_, result) => assert.equal((result as Failure).reason, "app/stopping"),
  },
  {
    name: "what is opened and fails to close is told of",
    act: (it) => it.app.own("late", { [Symbol.asyncDispose]: () => Promise.reject(broke) }),
    want(it, result) {
      assert.equal((result as Failure).reason, "app/stopping");
      assert.match(it.errors, /it broke/);
    },
  },
  {
    name: "a server is shut down at once",
    act: (it) => it.app.serve("late", { shutdown: async () => void it.events.push("late") }),
    want: (it) => assert.ok(it.events.includes("late")),
  },
  {
    name: "a listener is told at once",
    act: (it) => it.app.onDrain(() => void it.events.push("late")),
    want: (it) => assert.ok(it.events.includes("late")),
  },
  {
    name: "a flush is called",
    act: (it) => it.app.onFlush("late", () => void it.events.push("late")),
    want: (it) => assert.ok(it.events.includes("late")),
  },
  {
    name: "a component that is started is stopped again",
    act: (it) => {
      const late = component("late", { start: () => "value", stop: () => void it.events.push("late") });
      return it.app.start(background, { late });
    },
    want(it, result) {
      assert.equal((result as Failure).reason, "app/stopping");
      assert.ok(it.events.includes("late"));
    },
  },
  {
    name: "a task that fails is told of",
    act: (it) => it.app.go("late", () => Promise.reject(broke)),
    want: (it) => assert.match(it.errors, /app: task late: it broke/),
  },
  {
    name: "an uncaught error is told of",
    act: () => interrupt({ kind: "fault", err: broke }),
    want: (it) => assert.match(it.errors, /it broke/),
    rejects: true,
  },
];

for (const { name, act, want, rejects = false } of whileStopping) {
  test(`while it stops, ${name}`, async () => {
    for (const atMs of STAGES_AT) {
      await bubble(
        async () => {
          const it = new Bench();
          await slow(it);
          const running = it.app.run(background);
          await sleep(background, 1);
          process.emit("SIGTERM", "SIGTERM");
          await sleep(background, atMs);
          const result = await Promise.try(act, it).catch((err: unknown) => err);
          if (rejects) await assert.rejects(running, broke);
          else await running;
          await sleep(background, 0);
          want(it, result);
        },
        { leaks: false },
      );
    }
  });
}

test("a signal that comes again in any stage forces the end, with its code", { timeout: 60_000 }, async (t) => {
  const exits: [code: unknown, atMs: number][] = [];
  // The process would end here; the test must not.
  t.mock.method(process, "exit", (code: unknown) => void exits.push([code, performance.now()]));
  t.mock.method(process.stderr, "write", () => true);
  for (const atMs of STAGES_AT) {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      exits.length = 0;
      await bubble(async () => {
        const it = new Bench();
        await slow(it);
        const running = it.app.run(background);
        await sleep(background, 1);
        process.emit("SIGTERM", "SIGTERM");
        await sleep(background, atMs);
        const sentAt = performance.now();
        process.emit(signal, signal);
        assert.deepEqual(exits, [[signal === "SIGINT" ? 130 : 143, sentAt]]);
        await running;
      });
    }
  }
});
