import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const SCRIPT = join(import.meta.dirname, "testing", "write-lines.ts");
const timeout = 20_000;

interface Line {
  readonly msg: string;
  readonly n?: number;
  readonly dropped?: number;
}

function start(mode: string, report = "", stdout: "pipe" | number = "pipe"): ChildProcess {
  const args = ["--conditions=@millrace/source", SCRIPT, mode, report];
  return spawn(process.execPath, args, { stdio: ["ignore", stdout, "pipe", "ipc"] });
}

function folder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "millrace-log-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

function lines(text: string): Line[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

for (const { mode, code } of [
  { mode: "exit", code: 3 },
  { mode: "throw", code: 1 },
]) {
  for (const target of ["pipe", "file"]) {
    test(`no line is lost by ${mode}, to a ${target}`, { timeout }, async () => {
      using dir = folder();
      const path = join(dir.path, "log");
      const fd = openSync(path, "w");
      const child = start(mode, "", target === "file" ? fd : "pipe");
      closeSync(fd);
      let text = "";
      child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      const [exitCode] = await once(child, "close");
      assert.equal(exitCode, code);
      if (target === "file") text = readFileSync(path, "utf8");
      assert.deepEqual(
        lines(text).map((line) => line.n),
        Array.from({ length: 1000 }, (_, n) => n),
      );
    });
  }
}

test("an error line survives even SIGKILL, with all lines before it", { timeout }, async () => {
  const child = start("kill");
  let text = "";
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const [, signal] = await once(child, "close");
  assert.equal(signal, "SIGKILL");
  assert.deepEqual(
    lines(text).map((line) => line.msg),
    ["line", "last words"],
  );
});

test("a reader that lags blocks nobody; what it misses is counted and told of", { timeout }, async () => {
  using dir = folder();
  const report = join(dir.path, "report");
  const child = start("blocked", report);
  await once(child, "message");
  const { dropped, ms } = JSON.parse(readFileSync(report, "utf8")) as { dropped: number; ms: number };
  assert.ok(dropped > 10_000, `dropped ${dropped}`);
  assert.ok(ms < 10_000, `took ${ms} ms`);
  // Now the reader catches up: whole lines, in order, and the number of those that are missing.
  let text = "";
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  child.send("read");
  const [exitCode] = await once(child, "close");
  assert.equal(exitCode, 0);
  const got = lines(text);
  assert.deepEqual(
    got.slice(-2).map((line) => line.msg),
    ["after", "log: lines were dropped"],
  );
  const told = got
    .filter((line) => line.msg === "log: lines were dropped")
    .reduce((sum, line) => sum + line.dropped!, 0);
  assert.equal(told, dropped);
  const numbers = got.filter((line) => line.msg === "line").map((line) => line.n!);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
  assert.equal(got.filter((line) => line.msg === "line" || line.msg === "urgent").length + told, 60_060);
});

test("a reader that has gone ends nothing", { timeout }, async () => {
  using dir = folder();
  const report = join(dir.path, "report");
  const child = start("closed", report);
  child.stdout!.destroy();
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const [exitCode] = await once(child, "close");
  assert.equal(stderr, "");
  assert.equal(exitCode, 0);
  const { dropped } = JSON.parse(readFileSync(report, "utf8")) as { dropped: number };
  assert.ok(dropped > 900, `dropped ${dropped}`);
});
