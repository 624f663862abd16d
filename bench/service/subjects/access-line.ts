import assert from "node:assert/strict";
import { openSync, readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { background } from "millrace/context";
import type { Req } from "millrace/http";
import { accessLog } from "millrace/middleware";
import { printNanoseconds } from "../../lib/kernel.ts";
import { COUNTS } from "../line.ts";

const COUNT = COUNTS.line;
const req = {
  requestId: "q7dXnD3wKq2L000000",
  method: "GET",
  path: "/users/42",
  pattern: "/users/:id",
  clientIp: "127.0.0.1",
  trace: undefined,
};
const outcome = { status: 200, durationMs: 1.25, endedAt: 1_800_000_000_000, sentBytes: 25 };

// Only what the access log reads is there.
const tell = (fd: number): (() => void) => {
  const { onFinish } = accessLog({ fd }).traits!;
  return () => onFinish!(background, req as unknown as Req, outcome);
};

const dir = mkdtempSync(join(tmpdir(), "access-line-"));
tell(openSync(join(dir, "log"), "a"))();
// After the access log's own, which writes what it holds.
process.once("exit", () => {
  const [line] = readFileSync(join(dir, "log"), "utf8").split("\n");
  rmSync(dir, { recursive: true });
  const { path, route, status, request_id: id } = JSON.parse(line!) as Record<string, unknown>;
  assert.deepEqual([path, route, status, id], ["/users/42", "/users/:id", 200, "q7dXnD3wKq2L000000"]);
});
const one = tell(openSync("/dev/null", "a"));
await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) one();
});
