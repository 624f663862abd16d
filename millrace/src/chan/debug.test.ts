import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const script = join(import.meta.dirname, "testing", "send-promise.ts");
const cases = [
  { debug: "1", want: ["send: TypeError", "trySend: TypeError", "onSend: TypeError", "object: sent", "unwrapped: no"] },
  { debug: "0", want: ["send: sent", "trySend: sent", "onSend: sent", "object: sent", "unwrapped: yes"] },
];
for (const { debug, want } of cases) {
  test(`20: with MILLRACE_DEBUG=${debug} a promise as a value is ${debug === "1" ? "refused" : "not looked for"}`, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@millrace/source", script], {
      env: { ...process.env, MILLRACE_DEBUG: debug },
    });
    assert.deepEqual(stdout.trim().split("\n"), want);
  });
}
