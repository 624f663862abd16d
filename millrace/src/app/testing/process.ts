// Processes for the tests of main and app: process.ts <case>. Each writes its events and its log to stdout, as JSON.
import { setTimeout as after } from "node:timers/promises";
import { chan } from "../../chan/index.ts";
import { loadConfig } from "../../config/index.ts";
import { type Ctx, background, sleep } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { newLog } from "../../log/index.ts";
import { go } from "../../task/index.ts";
import { type App, type AppOptions, component, main, newApp } from "../index.ts";

const log = newLog();

function event(name: string): void {
  log.info(background, "event", { name });
}

function resource(name: string): AsyncDisposable {
  event(`open ${name}`);
  return {
    async [Symbol.asyncDispose]() {
      await after(5);
      event(`close ${name}`);
    },
  };
}

const stuck: AsyncDisposable = { [Symbol.asyncDispose]: () => new Promise<void>(() => {}) };

function app(options: AppOptions = {}): App {
  const made = newApp({ log, readyDelayMs: 0, drainMs: 1000, cancelMs: 1000, closeMs: 1000, ...options });
  made.onDrain(() => event("not ready"));
  return made;
}

async function untilDone(ctx: Ctx): Promise<void> {
  try {
    await sleep(ctx, 2 ** 30);
  } finally {
    event("task canceled");
  }
}

/** Fails to start, and takes its time to close; what comes meanwhile must not cut that off. */
async function failingStart(meanwhile: () => void = () => {}): Promise<void> {
  const it = app();
  await it.own("a", resource("a"));
  const slow = async (): Promise<void> => {
    event("closing");
    setTimeout(meanwhile, 10);
    await after(300);
  };
  await it.own("slow", { [Symbol.asyncDispose]: slow });
  throw new Error("no start");
}

const cases: Record<string, (ctx: Ctx) => unknown> = {
  async orderly(ctx) {
    const it = app({ readyDelayMs: Number(process.env["READY_DELAY_MS"] ?? 300) });
    await it.own("a", resource("a"));
    await it.own("b", Promise.resolve(resource("b")));
    it.go("worker", untilDone);
    it.serve("http", {
      async shutdown() {
        event("drain");
        await after(20);
        event("drained");
      },
    });
    await it.run(ctx);
    event("end of main");
  },
  // Nothing but the app keeps this process alive.
  async idle(ctx) {
    await app().run(ctx);
  },
  async "stuck server"(ctx) {
    const it = app({ drainMs: 60_000 });
    it.serve("http", { shutdown: () => (event("drain"), new Promise(() => {})) });
    it.go("reader", untilDone);
    await it.run(ctx);
  },
  async "stuck resource"(ctx) {
    const it = app({ closeMs: 50 });
    await it.own("first", resource("first"));
    await it.own("database", stuck);
    await it.own("last", resource("last"));
    await it.run(ctx);
  },
  async "stuck task"(ctx) {
    const it = app({ cancelMs: 100 });
    await it.own("a", resource("a"));
    it.go("poller", () => new Promise(() => {}));
    await it.run(ctx);
  },
  async "bad config"() {
    loadConfig(
      {
        port: {
          env: "PORT",
          schema: { "~standard": { version: 1, vendor: "x", validate: () => ({ issues: [{ message: "a number" }] }) } },
        },
      },
      { env: { PORT: "abc" } },
    );
  },
  async "failing start"(ctx) {
    const it = app();
    await it.own("a", resource("a"));
    await it.own("b", resource("b"));
    const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
    const failure = new Failure("sql: no connection", { code: "unavailable", cause: refused });
    await it.own("database", Promise.reject(failure));
    await it.run(ctx);
  },
  // Fails beside the app, which is found and closed.
  async "failing listen"() {
    const it = app();
    await it.own("a", resource("a"));
    throw new Error("listen EADDRINUSE postgres://u:hunter2@h");
  },
  async "never run"() {
    await app().own("a", resource("a"));
  },
  "signal while closing": () => failingStart(),
  "fault while closing": () => failingStart(() => void Promise.reject(new TypeError("nobody awaits me"))),
  async "never run, stuck"() {
    const it = app({ closeMs: 50 });
    await it.own("a", resource("a"));
    await it.own("database", stuck);
  },
  async "throws after the run"(ctx) {
    const it = app();
    it.go("short", () => setTimeout(() => process.kill(process.pid, "SIGTERM"), 10));
    await it.run(ctx);
    throw new TypeError("a bug at the end");
  },
  async "fault before the run"(ctx) {
    const it = app();
    await it.own("a", resource("a"));
    void Promise.reject(new TypeError("nobody awaits me"));
    await after(10);
    await it.run(ctx);
  },
  async "failing task"(ctx) {
    const it = app();
    await it.own("a", resource("a"));
    it.go("worker", async () => {
      await after(10);
      throw new RangeError("worker broke");
    });
    await it.run(ctx);
  },
  async "unhandled rejection"(ctx) {
    const it = app();
    await it.own("a", resource("a"));
    setTimeout(() => void Promise.reject(new TypeError("nobody awaits me")), 10);
    await it.run(ctx);
  },
  async "uncaught exception"(ctx) {
    const it = app();
    await it.own("a", resource("a"));
    setTimeout(() => {
      throw new TypeError("nobody catches me");
    }, 10);
    await it.run(ctx);
  },
  // A stop that was asked for, in which an error comes that nobody catches.
  async "fault while stopping"(ctx) {
    const it = app();
    await it.own("a", resource("a"));
    it.serve("http", {
      async shutdown() {
        void Promise.reject(new TypeError("nobody awaits me"));
        await after(20);
      },
    });
    process.kill(process.pid, "SIGTERM");
    await it.run(ctx);
  },
  async "fault while closing what never ran"() {
    const it = app();
    const close = async (): Promise<void> => {
      void Promise.reject(new TypeError("nobody awaits me"));
      await after(20);
    };
    await it.own("a", { [Symbol.asyncDispose]: close });
  },
  async "bad wiring"(ctx) {
    const it = app();
    const lost = component("http", { needs: { database: undefined as never }, start: () => 1 });
    await it.start(ctx, { lost });
  },
  async "lost task"(ctx) {
    const it = app();
    void go(ctx, () => {
      throw new TypeError("nobody awaits me");
    });
    await it.run(ctx);
  },
  async "fault while starting"(ctx) {
    setTimeout(() => void Promise.reject(new TypeError("broken start")), 10);
    await sleep(ctx, 60_000);
  },
  async "slow start"(ctx) {
    const it = app();
    await it.own("a", resource("a"));
    event("starting");
    await it.own(
      "b",
      sleep(ctx, 60_000).then(() => resource("b")),
    );
    await it.run(ctx);
  },
  async "deaf start"() {
    event("starting");
    await after(60_000);
  },
  async "kept alive"(ctx) {
    setInterval(() => {}, 1000);
    await app().run(ctx);
  },
  async asleep(ctx) {
    void go(ctx, (inner) => chan<number>().send(inner, 1), { name: "writer" });
    await chan<number>().recv(ctx);
  },
  "no app": () => event("done"),
  "no app throws": () => {
    throw new TypeError("a bug");
  },
  async "throws a word"() {
    // oxlint-disable-next-line typescript/only-throw-error
    throw "a word";
  },
};

const run = cases[process.argv[2] ?? ""];
if (run === undefined) throw new Error(`no such case: ${process.argv[2]}`);
await main(run);
