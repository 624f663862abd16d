import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";

const SCRIPT = join(import.meta.dirname, "testing", "process.ts");
const timeout = 30_000;

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly name?: string;
  readonly why?: string;
  readonly err?: { readonly message: string; readonly stack: string };
  readonly stuck?: readonly { readonly stage: string; readonly name: string }[];
  readonly tasks?: string;
}

class Process {
  readonly lines: Line[] = [];
  stderr = "";
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #onLine: () => void = () => {};

  constructor(name: string, env: Record<string, string> = {}) {
    const args = ["--conditions=@millrace/source", SCRIPT, name];
    const { DEBUG: _, ...inherited } = process.env;
    this.#child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...inherited, ...env } });
    this.#closed = once(this.#child, "close");
    this.#child.stderr!.setEncoding("utf8").on("data", (chunk: string) => (this.stderr += chunk));
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      this.lines.push(JSON.parse(line) as Line);
      this.#onLine();
    });
  }

  get events(): string[] {
    return this.lines.filter((line) => line.msg === "event").map((line) => line.name!);
  }

  logged(msg: string): Line[] {
    return this.lines.filter((line) => line.msg === msg);
  }

  /** Waits for a line with this message, or for the event of this name. */
  async until(what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#onLine = () => {
      if (this.lines.some((line) => line.msg === what || line.name === what)) resolve();
    };
    this.#onLine();
    this.#child.once("close", () => reject(new Error(`ended before "${what}": ${this.stderr}`)));
    await promise;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(): Promise<{ code: number | null; signal: string | null; ms: number }> {
    const startedAt = performance.now();
    const [code, signal] = (await this.#closed) as [number | null, string | null];
    return { code, signal, ms: performance.now() - startedAt };
  }
}

describe("a signal", () => {
  test("SIGTERM ends an app in order and the process by itself, with 0", { timeout }, async () => {
    const it = new Process("orderly");
    await it.until("app: ready");
    it.kill("SIGTERM");
    const { code, ms } = await it.end();
    assert.equal(code, 0, it.stderr);
    assert.ok(ms >= 290, `took ${ms} ms`);
    assert.deepEqual(it.events, [
      "open a",
      "open b",
      "not ready",
      "drain",
      "drained",
      "task canceled",
      "close b",
      "close a",
      "end of main",
    ]);
    assert.deepEqual(
      it.logged("app: stopping").map((line) => line.why),
      ["SIGTERM"],
    );
    assert.equal(it.logged("app: stopped").length, 1);
    assert.equal(it.stderr, "");
  });

  test("a person's SIGINT does not wait for a load balancer", { timeout }, async () => {
    const it = new Process("orderly", { READY_DELAY_MS: "20000" });
    await it.until("app: ready");
    it.kill("SIGINT");
    const { code, ms } = await it.end();
    assert.equal(code, 0, it.stderr);
    assert.ok(ms < 15_000, `took ${ms} ms`);
  });

  test("an app with nothing to do waits for it", { timeout }, async () => {
    const it = new Process("idle");
    await it.until("app: ready");
    it.kill("SIGTERM");
    assert.equal((await it.end()).code, 0, it.stderr);
  });

  for (const { signal, code } of [
    { signal: "SIGTERM", code: 143 },
    { signal: "SIGINT", code: 130 },
  ] as const) {
    test(`a second ${signal} exits at once with ${code}, and names the tasks`, { timeout }, async () => {
      const it = new Process("stuck server");
      await it.until("app: ready");
      it.kill("SIGTERM");
      await it.until("drain");
      it.kill(signal);
      assert.equal((await it.end()).code, code);
      assert.match(it.stderr, new RegExp(`^${signal} again: exit without waiting for reader \\(\\d+`));
    });
  }

  test("while starting, it cancels the start and closes what was opened", { timeout }, async () => {
    const it = new Process("slow start");
    await it.until("starting");
    it.kill("SIGTERM");
    assert.equal((await it.end()).code, 143);
    assert.deepEqual(it.events, ["open a", "starting", "not ready", "close a"]);
    assert.equal(it.stderr, "SIGTERM while starting\n");
  });

  test("while a start that failed is closed, it does not cut that off", { timeout }, async () => {
    const it = new Process("signal while closing");
    await it.until("closing");
    it.kill("SIGTERM");
    const { code, signal } = await it.end();
    assert.deepEqual([code, signal], [1, null], it.stderr);
    assert.deepEqual(it.events, ["open a", "not ready", "closing", "close a"]);
    assert.match(it.stderr, /^error: no start\n/);
  });

  test("a start that does not listen is ended by the second one", { timeout }, async () => {
    const it = new Process("deaf start");
    await it.until("starting");
    it.kill("SIGINT");
    // The first must have been seen before the second is sent: two of a kind become one.
    await new Promise((resolve) => setTimeout(resolve, 200));
    it.kill("SIGINT");
    assert.equal((await it.end()).code, 130);
  });
});

describe("a hard stop", () => {
  test("names a resource that is stuck, and still closes the others", { timeout }, async () => {
    const it = new Process("stuck resource");
    await it.until("app: ready");
    it.kill("SIGTERM");
    assert.equal((await it.end()).code, 1);
    const [report] = it.logged("app: hard stop");
    assert.deepEqual(
      report!.stuck!.map(({ stage, name }) => [stage, name]),
      [["close", "database"]],
    );
    assert.deepEqual(it.events.slice(-2), ["close last", "close first"]);
    assert.match(it.stderr, /^error: app: hard stop: did not end: database \(close, \d+ms\)\n/);
  });

  test("names a task that does not end when it is canceled, with its age", { timeout }, async () => {
    const it = new Process("stuck task");
    await it.until("app: ready");
    it.kill("SIGTERM");
    assert.equal((await it.end()).code, 1);
    const [report] = it.logged("app: hard stop");
    assert.deepEqual(
      report!.stuck!.map(({ stage, name }) => [stage, name]),
      [["cancel", "poller"]],
    );
    assert.match(report!.tasks!, /^poller \(\d+ms\)$/);
    assert.equal(it.events.at(-1), "close a");
  });

  test("of an app that was never run is no clean end", { timeout }, async () => {
    const it = new Process("never run, stuck");
    assert.equal((await it.end()).code, 1);
    assert.match(it.stderr, /^error: app: hard stop: did not end: database \(close, \d+ms\)\n/);
    assert.equal(it.logged("app: hard stop").length, 1);
  });

  test("what keeps the process alive after a clean stop is named", { timeout }, async () => {
    const it = new Process("kept alive");
    await it.until("app: ready");
    it.kill("SIGTERM");
    assert.equal((await it.end()).code, 0);
    assert.match(it.stderr, /^exit: the main function has ended, but this kept the process alive: .*1 Timeout/);
  });
});

describe("a failure", () => {
  interface Case {
    readonly name: string;
    readonly code: number;
    readonly stderr: RegExp;
    readonly events?: readonly string[];
    /** The error that the log has, with its stack, exactly once. */
    readonly logged?: string;
  }
  const cases: Case[] = [
    {
      name: "bad config",
      code: 78,
      stderr: /^config: 1 problem with the configuration:\n\n {2}PORT is "abc", from environment\n {4}a number\n$/,
    },
    {
      name: "failing start",
      code: 1,
      stderr:
        /^error: app: open database: sql: no connection\n {2}because: connect ECONNREFUSED 127\.0\.0\.1:1\nhint: Nothing listens at that address[^\n]*\n\(DEBUG=1 shows the stack\.\)\n$/,
      events: ["open a", "open b", "not ready", "close b", "close a"],
      logged: "app: open database: sql: no connection",
    },
    {
      name: "failing listen",
      code: 1,
      stderr: /^error: listen EADDRINUSE postgres:\/\/u:\*\*\*@h\n\(DEBUG/,
      events: ["open a", "not ready", "close a"],
      logged: "listen EADDRINUSE postgres://u:***@h",
    },
    { name: "never run", code: 0, stderr: /^$/, events: ["open a", "not ready", "close a"] },
    {
      name: "failing task",
      code: 1,
      stderr: /^error: app: task worker: worker broke\n\(DEBUG/,
      events: ["open a", "not ready", "close a"],
      logged: "app: task worker: worker broke",
    },
    {
      name: "unhandled rejection",
      code: 1,
      stderr: /^error: nobody awaits me\n\(DEBUG/,
      events: ["open a", "not ready", "close a"],
      logged: "nobody awaits me",
    },
    {
      name: "uncaught exception",
      code: 1,
      stderr: /^error: nobody catches me\n\(DEBUG/,
      events: ["open a", "not ready", "close a"],
      logged: "nobody catches me",
    },
    {
      name: "lost task",
      code: 1,
      stderr: /^error: nobody awaits me\n\(DEBUG/,
      events: ["not ready"],
      logged: "nobody awaits me",
    },
    {
      name: "fault while closing",
      code: 1,
      stderr: /^error: nobody awaits me\n\nTypeError: nobody awaits me\n {4}at [^]*\nerror: no start\n\(DEBUG/,
      events: ["open a", "not ready", "closing", "close a"],
      logged: "no start",
    },
    {
      name: "fault while stopping",
      code: 1,
      stderr: /^error: nobody awaits me\n\(DEBUG/,
      events: ["open a", "not ready", "close a"],
      logged: "nobody awaits me",
    },
    {
      name: "fault while closing what never ran",
      code: 1,
      stderr: /^error: nobody awaits me\n\nTypeError: nobody awaits me\n {4}at /,
      events: ["not ready"],
    },
    {
      name: "bad wiring",
      code: 1,
      stderr:
        /^error: app: 1 problem with the components; none was started:\n\n {2}http needs "database", which is undef/,
      events: ["not ready"],
      logged:
        'app: 1 problem with the components; none was started:\n\n  http needs "database", which is undefined (do two files import each other?) and no component',
    },
    {
      name: "fault before the run",
      code: 1,
      stderr: /^error: nobody awaits me\n\(DEBUG/,
      events: ["open a", "not ready", "close a"],
      logged: "nobody awaits me",
    },
    {
      name: "throws after the run",
      code: 1,
      stderr: /^error: a bug at the end\n\(DEBUG/,
      events: ["not ready"],
      logged: "a bug at the end",
    },
    { name: "fault while starting", code: 1, stderr: /^error: broken start\n\nTypeError: broken start\n {4}at / },
    {
      name: "asleep",
      code: 2,
      stderr: /^deadlock: all tasks[^\n]*\n {2}main: waits to receive[^\n]*\n {2}writer: waits to send/,
    },
    { name: "no app", code: 0, stderr: /^$/, events: ["done"] },
    { name: "no app throws", code: 1, stderr: /^error: a bug\n\nTypeError: a bug\n {4}at [^]*process\.ts/ },
    { name: "throws a word", code: 1, stderr: /^error: a word\n/ },
  ];
  for (const { name, code, stderr, events = [], logged } of cases) {
    test(name, { timeout }, async () => {
      const it = new Process(name);
      const ended = await it.end();
      assert.equal(ended.code, code, it.stderr);
      assert.match(it.stderr, stderr);
      assert.deepEqual(it.events, events);
      const errors = it.lines.filter((line) => line.level === "error");
      assert.deepEqual(
        errors.map((line) => line.err!.message),
        logged === undefined ? [] : [logged],
      );
      for (const { err } of errors) assert.match(err!.stack, /\n {4}at /);
    });
  }

  test("DEBUG shows the stack", { timeout }, async () => {
    const it = new Process("failing start", { DEBUG: "1" });
    await it.end();
    assert.match(
      it.stderr,
      /^error: app: open database[^]*\nFailure: app: open database[^\n]*\n {4}at [^]*\nError: connect ECONNREFUSED[^\n]*\n {4}at /,
    );
  });
});
