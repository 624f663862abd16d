import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "./lib/root.ts";

test("every case of the concurrency core is proven by a test that passes", () => {
  // A run of tests inside of a test is one of its own, and not a part of this one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = [join(ROOT, "tools/conformance.ts"), "concurrency"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
});

test("the HTTP server answers every row as it should, and differs from Go's where that is explained", () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = [join(ROOT, "tools/conformance.ts"), "http"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
});
