// Processes for the tests of exitOnDeadlock: asleep.ts <case>.
import { chan } from "../../chan/index.ts";
import { background, sleep, withTimeout } from "../../context/index.ts";
import { Mutex } from "../../sync/index.ts";
import { exitOnDeadlock, go, recordSpawns } from "../index.ts";

const forever = (): Promise<void> => new Promise<void>(() => {});

const cases: Record<string, () => unknown> = {
  recv() {
    recordSpawns(true);
    void go(background, (ctx) => chan<number>().recv(ctx), { name: "reader" });
    void go(background, (ctx) => chan<number>().send(ctx, 1), { name: "writer" });
  },
  async lock() {
    const m = new Mutex();
    await m.lock(background);
    void go(background, (ctx) => m.withLock(ctx, () => {}), { name: "worker" });
  },
  "foreign code"() {
    void go(background, forever, { name: "stuck" });
  },
  "top-level await with a task"() {
    void go(background, (ctx) => chan<number>().recv(ctx), { name: "reader" });
    return forever();
  },
  "top-level await": forever,
  "own exit code"() {
    process.exitCode = 7;
    void go(background, (ctx) => chan<number>().recv(ctx), { name: "reader" });
  },
  healthy() {
    void go(background, (ctx) => sleep(ctx, 5));
  },
  // The task waits for what comes as the process is about to exit.
  "woken before the exit"() {
    const ch = chan<number>();
    process.once("beforeExit", () => setTimeout(() => ch.close(), 5));
    void go(background, (ctx) => ch.recv(ctx));
  },
  "a timer hides it"() {
    void go(background, (ctx) => chan<number>().recv(ctx));
    setTimeout(() => process.exit(), 50);
  },
  async "a deadline ends it"() {
    const task = go(withTimeout(background, 50), (ctx) => chan<number>().recv(ctx));
    await task.then(undefined, () => console.log("timed out"));
  },
  "switched off"() {
    watch[Symbol.dispose]();
    void go(background, (ctx) => chan<number>().recv(ctx));
  },
};

const watch = exitOnDeadlock();
await cases[process.argv[2] ?? ""]?.();
