import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test } from "node:test";

const TESTING = join(import.meta.dirname, "testing");
const timeout = 60_000;

const needs = [
  ["systemd-notify", "systemd"],
  ["python3", "python3"],
].filter(([command = ""]) => spawnSync(command, ["--version"]).error !== undefined);
const skip =
  needs.length === 0 ? false : `needs systemd's socket: apt-get install ${needs.map(([, name]) => name).join(" ")}`;

/** Receiver stands for systemd. */
class Receiver implements AsyncDisposable {
  readonly got: string[] = [];
  readonly #child: ChildProcess;
  #onMessage: () => void = () => {};

  constructor(socket: string, watchdogSeconds: number) {
    const args = [join(TESTING, "systemd.py"), socket, String(watchdogSeconds)];
    this.#child = spawn("python3", args, { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      this.got.push(JSON.parse(line) as string);
      this.#onMessage();
    });
  }

  /** until waits for so many of a message. */
  async until(message: string, count = 1): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onMessage = () => {
      if (this.got.filter((each) => each === message).length >= count) resolve();
    };
    this.#onMessage();
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}

function start(
  name: string,
  env: Record<string, string>,
): { child: ChildProcess; end: Promise<unknown[]>; log: Promise<string> } {
  const child = spawn(process.execPath, ["--conditions=@millrace/source", join(TESTING, "process.ts"), name], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  return { child, end: once(child, "close"), log: text(child.stdout) };
}

function folder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "millrace-systemd-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

for (const kind of ["a path", "an abstract name"]) {
  test(`systemd at ${kind} hears that the service is ready, lives, stops and why`, { skip, timeout }, async () => {
    using dir = folder();
    const socket = kind === "a path" ? join(dir.path, "notify") : `@millrace-${process.pid}-${Date.now()}`;
    await using systemd = new Receiver(socket, 60);
    await systemd.until("listening");
    const { child, end } = start("notify", { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "100000" });
    await systemd.until("READY=1\nSTATUS=ready");
    await systemd.until("WATCHDOG=1", 3);
    child.kill("SIGTERM");
    assert.deepEqual(await end, [0, null]);
    await systemd.until("STOPPING=1\nSTATUS=stopping: SIGTERM");
    assert.deepEqual(
      systemd.got.filter((each) => each !== "WATCHDOG=1"),
      ["listening", "READY=1\nSTATUS=ready", "STOPPING=1\nSTATUS=stopping: SIGTERM"],
    );
  });
}

test("the watchdog is not fed while the event loop does not turn", { skip, timeout }, async () => {
  using dir = folder();
  const socket = join(dir.path, "notify");
  await using systemd = new Receiver(socket, 2);
  await systemd.until("listening");
  const { child, end } = start("notify", { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "100000" });
  await systemd.until("WATCHDOG=1", 2);
  // It blocks until it is killed.
  child.kill("SIGUSR2");
  await systemd.until("WATCHDOG IS LATE");
  child.kill("SIGKILL");
  assert.deepEqual(await end, [null, "SIGKILL"]);
});

test("a start that fails says why, and another process's watchdog is left alone", { skip, timeout }, async () => {
  using dir = folder();
  const socket = join(dir.path, "notify");
  await using systemd = new Receiver(socket, 60);
  await systemd.until("listening");
  const { end } = start("failing listen", { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "1000", WATCHDOG_PID: "1" });
  assert.deepEqual(await end, [1, null]);
  const why = "STOPPING=1\nSTATUS=stopping: the start failed: listen EADDRINUSE postgres://u:***@h";
  await systemd.until(why);
  assert.deepEqual(systemd.got, ["listening", why]);
});

test("without systemd-notify the service runs, and one line says so", { timeout }, async () => {
  const { child, end, log } = start("notify", { NOTIFY_SOCKET: "@nobody", WATCHDOG_USEC: "20000", PATH: "/nowhere" });
  child.stdout!.once("data", () => child.kill("SIGTERM"));
  assert.deepEqual(await end, [0, null]);
  const lines = (await log).split("\n").filter((line) => line.includes("systemd cannot be told"));
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /ENOENT.*install systemd-notify/);
});
