import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";

const SCRIPT = join(import.meta.dirname, "testing", "crash.ts");
const timeout = 30_000;

interface Line {
  readonly msg: string;
  readonly n?: number;
}

/** Runs the script with its stdout as a pipe or a file, and gives what arrived there. */
async function crash(mode: string, lines: number, target: "pipe" | "file"): Promise<{ end: unknown[]; got: Line[] }> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-crash-"));
  try {
    const path = join(dir, "log");
    const fd = openSync(path, "w");
    const args = ["--conditions=@millrace/source", SCRIPT, mode, String(lines)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", target === "file" ? fd : "pipe", "ignore"] });
    closeSync(fd);
    const [piped, end] = await Promise.all([child.stdout === null ? "" : text(child.stdout), once(child, "close")]);
    const out = target === "file" ? readFileSync(path, "utf8") : piped;
    const whole = out.split("\n").slice(0, -1);
    return { end, got: whole.map((line) => JSON.parse(line) as Line) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

// 1,000 lines are 250 kB: four times what a pipe holds, so that the reader is part of it.
const cases: { mode: string; end: unknown[] }[] = [
  { mode: "exit", end: [3, null] },
  { mode: "throw", end: [1, null] },
  { mode: "uncaught", end: [1, null] },
  { mode: "rejection", end: [1, null] },
  { mode: "SIGTERM", end: [0, null] },
  { mode: "SIGTERM twice", end: [143, null] },
];

for (const { mode, end } of cases) {
  for (const target of ["pipe", "file"] as const) {
    test(`of 1,000 lines before ${mode} 1,000 survive, in a ${target}`, { timeout }, async () => {
      const it = await crash(mode, 1000, target);
      assert.deepEqual(it.end, end);
      assert.deepEqual(
        it.got.filter((line) => line.msg === "line").map((line) => line.n),
        Array.from({ length: 1000 }, (_, n) => n),
      );
    });
  }
}

test("a reader that is slow gets them all", { timeout }, async () => {
  const child = spawn(process.execPath, ["--conditions=@millrace/source", SCRIPT, "exit", "2000"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    out += chunk;
    child.stdout.pause();
    // At most 64 kB of 500 at a time: the process has to wait for a second.
    setTimeout(() => child.stdout.resume(), 150);
  });
  await once(child, "close");
  assert.equal(out.match(/"msg":"line"/g)!.length, 2000);
});

// Nothing runs after SIGKILL: what survives is what the system had taken, and a full pipe takes nothing.
for (const { target, lines } of [
  { target: "pipe", lines: 100 },
  { target: "file", lines: 1000 },
] as const) {
  test(`an error line and the ${lines} before it survive SIGKILL, in a ${target}`, { timeout }, async () => {
    const it = await crash("SIGKILL", lines, target);
    assert.equal(it.end[1], "SIGKILL");
    assert.equal(it.got.filter((line) => line.msg === "line").length, lines);
    assert.equal(it.got.at(-1)!.msg, "last words");
  });
}
