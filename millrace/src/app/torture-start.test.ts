import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, sleep, withCancel } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { bubble } from "../test/index.ts";
import { component } from "./index.ts";
import { Bench, CANCEL_MS, GRACE_MS } from "./testing/bench.ts";

// Starts that go wrong in every way, beside others: what has started is closed, and all errors are told.

const broke = new Failure("it broke", { code: "internal" });

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
      assert.ok(performance.now() - startedAt <= CANCEL_MS + GRACE_MS);
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
