import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, sleep } from "../context/index.ts";
import { bubble } from "../test/index.ts";
import { main } from "./index.ts";
import { Bench } from "./testing/bench.ts";

// Starts that hang, fail and are interrupted, in virtual time: how the process ends, when, and what it says.

interface Program {
  readonly name: string;
  readonly run: (ctx: Ctx, it: Bench) => unknown;
  /** signals are sent after so many milliseconds. */
  readonly signals?: readonly number[];
  /** exit is what the process ends with, and when: by process.exit, or by itself. */
  readonly exit: readonly [code: number, atMs: number];
  readonly stderr: RegExp;
  readonly events?: readonly string[];
}

const programs: Program[] = [
  {
    name: "a start that hangs and hears nothing is left after ten seconds",
    async run(_, it) {
      await it.app.own("first", it.resource("first"));
      await it.hanging.promise;
    },
    signals: [100],
    exit: [143, 10_100],
    stderr: /^exit: the start did not end when it was canceled/,
  },
  {
    name: "a start that hangs and hears nothing is ended by a second signal",
    run: (_, it) => it.hanging.promise,
    signals: [100, 200],
    exit: [143, 200],
    stderr: /^SIGTERM again: exit without waiting/,
  },
  {
    name: "a start that hears is closed",
    async run(ctx, it) {
      await it.app.own("first", it.resource("first"));
      await it.app.own(
        "second",
        sleep(ctx, 60_000).then(() => it.resource("second")),
      );
    },
    signals: [100],
    exit: [143, 100],
    stderr: /^SIGTERM while starting\n$/,
    events: ["first"],
  },
  {
    name: "a start that hears late and then runs is stopped, with the app's own budget",
    async run(ctx, it) {
      it.app.serve("slow", { shutdown: () => sleep(background, 1500) });
      await sleep(background, 9500);
      await it.app.run(ctx);
    },
    signals: [100],
    exit: [0, 11_000],
    stderr: /^$/,
  },
  {
    name: "a start that fails beside an opening that hangs is closed, and left",
    async run(_, it) {
      await it.app.own("first", it.resource("first"));
      await Promise.all([
        it.app.own(
          "second",
          it.hanging.promise.then(() => it.resource("second")),
        ),
        Promise.reject(new Error("no start")),
      ]);
    },
    exit: [1, 0],
    stderr: /^error: no start\n/,
    events: ["first"],
  },
  {
    name: "a start that fails, and a resource that hangs then",
    async run(_, it) {
      await it.app.own("first", it.resource("first"));
      await it.app.own("stuck", { [Symbol.asyncDispose]: () => it.hanging.promise });
      throw new Error("no start");
    },
    exit: [1, 1000],
    stderr: /^error: no start\n/,
    events: ["first"],
  },
  {
    name: "a signal while a start that failed is closed changes nothing",
    async run(_, it) {
      await it.app.own("slow", { [Symbol.asyncDispose]: () => sleep(background, 500) });
      throw new Error("no start");
    },
    signals: [100],
    exit: [1, 500],
    stderr: /^error: no start\n/,
  },
  {
    name: "two signals while a start that failed is closed end it",
    async run(_, it) {
      await it.app.own("slow", { [Symbol.asyncDispose]: () => sleep(background, 500) });
      throw new Error("no start");
    },
    signals: [100, 200],
    exit: [143, 200],
    stderr: /^SIGTERM again/,
  },
  {
    name: "main started twice at once: a signal ends both",
    async run(ctx, it) {
      await Promise.all([it.app.run(ctx), main((inner) => sleep(inner, 60_000))]);
    },
    signals: [100, 200],
    exit: [143, 200],
    stderr: /SIGTERM again/,
  },
];

for (const { name, run, signals = [], exit, stderr, events = [] } of programs) {
  test(`main: ${name}`, { timeout: 30_000 }, async (t) => {
    let said = "";
    let end:
      | { readonly exit: readonly [unknown, number]; readonly said: string; readonly events: string[] }
      | undefined;
    let startedAt = 0;
    let it: Bench | undefined;
    const ended = (code: unknown): void => {
      end ??= { exit: [code, Math.round(performance.now() - startedAt)], said, events: [...it!.events] };
    };
    t.mock.method(process.stderr, "write", (text: string) => ((said += text), true));
    // The process would end here; the program goes on, and must be let go of.
    t.mock.method(process, "exit", (code: unknown) => ended(code ?? process.exitCode));
    const before = process.exitCode;
    await bubble(
      async () => {
        startedAt = performance.now();
        const over = main((ctx) => run(ctx, (it = new Bench()))).then(() => ended(process.exitCode));
        for (const [n, atMs] of signals.entries()) {
          await sleep(background, atMs - (signals[n - 1] ?? 0));
          process.emit("SIGTERM", "SIGTERM");
        }
        await Promise.race([over, sleep(background, 20_000)]);
        it!.hanging.resolve();
        await over;
      },
      { leaks: false },
    ).finally(() => (process.exitCode = before));
    assert.deepEqual(end?.exit, exit, said);
    assert.match(end.said, stderr);
    assert.deepEqual(end.events, events);
  });
}
