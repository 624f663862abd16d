import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

// Processor time: on a machine that does other things at the same time, the clock says little.
test("gen sql: 100 queries take less than 5 s cold and less than 1 s warm", async (t) => {
  const script = join(import.meta.dirname, "testing/speed.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@millrace/source", script]);
  const { cold, warm } = JSON.parse(stdout) as Record<"cold" | "warm", { readonly ms: number; readonly cpuMs: number }>;
  t.diagnostic(
    `cold ${cold.ms} ms, ${cold.cpuMs} ms of processors; warm ${warm.ms} ms, ${warm.cpuMs} ms of processors`,
  );
  assert.ok(cold.cpuMs < 5_000);
  assert.ok(warm.cpuMs < 1_000);
});
