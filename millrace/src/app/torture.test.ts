import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, sleep, withCancel } from "../context/index.ts";
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
  type Kind,
  READY_DELAY_MS,
} from "./testing/bench.ts";

// Every kind of component, doing everything wrong that it can, while the app is stopped in every way: each outcome is
// decided, told of, and within the budget. Time is virtual.

// What the app gives beyond its budgets: to listeners, to servers that cut connections, to what is closed last.
const GRACE_MS = 500;
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

interface Start {
  readonly name: string;
  readonly start: (it: Bench, ctx: Ctx) => unknown;
  readonly want: RegExp;
  /** logged are errors that must be in the log. */
  readonly logged?: RegExp;
}

const starts: Start[] = [
  {
    name: "an opening that fails after a task has failed: both are told of",
    async start(it) {
      it.app.go("early", () => Promise.reject(broke));
      await sleep(background, 10);
      await it.app.own("second", Promise.reject(new Error("no second")));
    },
    want: /app: open second: no second/,
    logged: /it broke.*no second|no second.*it broke/,
  },
  {
    name: "a task that has failed, and an app that is never run",
    async start(it) {
      it.app.go("early", () => Promise.reject(broke));
      await sleep(background, 10);
    },
    want: /^undefined$/,
    logged: /it broke/,
  },
  {
    name: "two openings at once that fail: one stop",
    start: (it) =>
      Promise.all([
        it.app.own(
          "second",
          sleep(background, 5).then(() => Promise.reject(new Error("no second"))),
        ),
        it.app.own(
          "third",
          sleep(background, 5).then(() => Promise.reject(new Error("no third"))),
        ),
      ]),
    want: /app: open second: no second/,
    logged: /no second/,
  },
  {
    name: "an opening that ends after another has failed is closed again",
    async start(it) {
      const late = it.app.own(
        "late",
        sleep(background, 5000).then(() => it.resource("late")),
      );
      const failing = it.app.own("second", Promise.reject(new Error("no second")));
      await Promise.allSettled([late, failing]);
      assert.ok(it.events.includes("late"));
      await failing;
    },
    want: /app: open second: no second/,
    logged: /no second/,
  },
  {
    name: "a component that fails beside one that hears nothing: that one is left, and what it gives then is closed",
    async start(it, ctx) {
      const bad = component("bad", { start: () => Promise.reject(broke) });
      const deaf = component("deaf", {
        start: () => sleep(background, 20_000).then(() => it.resource("late")),
      });
      const startedAt = performance.now();
      const starting = it.app.start(ctx, { bad, deaf });
      await assert.rejects(starting);
      assert.ok(performance.now() - startedAt <= BUDGET_MS);
      assert.match(it.text, /"stage":"start","name":"deaf"/);
      await sleep(background, 30_000);
      assert.ok(it.events.includes("late"));
      await starting;
    },
    want: /app: start bad: it broke/,
    logged: /it broke/,
  },
  {
    name: "a component that takes longer than its budget",
    start: (it, ctx) => it.app.start(ctx, { slow: component("slow", { start: (ctx) => sleep(ctx, 60_000) }) }),
    want: /app: start slow: it did not within 30s/,
    logged: /it did not within 30s/,
  },
  {
    name: "a signal while components start",
    async start(it, ctx) {
      const first = component("a", { start: () => it.resource("a") });
      const slow = component("slow", { needs: { first }, start: (ctx) => sleep(ctx, 60_000) });
      const deaf = component("deaf", { start: () => sleep(background, 100).then(() => it.resource("deaf")) });
      const starting = it.app.start(ctx, { slow, deaf });
      await sleep(background, 50);
      process.emit("SIGTERM", "SIGTERM");
      await starting.finally(() => assert.deepEqual(it.events, ["deaf", "a", "first"]));
    },
    want: /app: start (slow|deaf): .*canceled/,
    logged: /canceled/,
  },
  {
    name: "the same components twice, at once: they start once",
    async start(it, ctx) {
      let starts = 0;
      const one = component("one", { start: () => (starts++, it.resource("one")) });
      const two = component("two", { needs: { one }, start: (_, { one }) => one });
      const [a, b] = await Promise.all([it.app.start(ctx, { two }), it.app.start(ctx, { one })]);
      assert.equal(a.two, b.one);
      assert.equal(starts, 1);
    },
    want: /^undefined$/,
  },
  {
    name: "a context that ended before the app runs",
    async start(it, ctx) {
      process.emit("SIGTERM", "SIGTERM");
      await it.app.run(ctx);
    },
    want: /^undefined$/,
  },
];

for (const { name, start, want, logged } of starts) {
  test(`a start with ${name}`, () =>
    bubble(
      async () => {
        const it = new Bench();
        using ctx = withCancel(background);
        const onSignal = (): void => ctx.cancel();
        process.once("SIGTERM", onSignal);
        await it.app.own("first", it.resource("first"));
        const result = await Promise.try(start, it, ctx).then(
          () => undefined,
          (err: unknown) => err,
        );
        process.off("SIGTERM", onSignal);
        await it.app[Symbol.asyncDispose]();
        assert.match(String(result), want);
        if (logged !== undefined) assert.match(it.errors, logged);
        assert.equal(it.events.at(-1) === "late" ? it.events[0] : it.events.at(-1), "first");
        assert.equal(it.events.filter((event) => event === "first").length, 1);
      },
      { leaks: false },
    ));
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
