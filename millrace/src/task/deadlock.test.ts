import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";

const SCRIPT = join(import.meta.dirname, "testing", "asleep.ts");

describe("exitOnDeadlock", () => {
  const cases: readonly { case: number; name: string; code: number; err?: readonly RegExp[]; out?: string }[] = [
    {
      case: 225,
      name: "recv",
      code: 2,
      err: [
        /^deadlock: all tasks are asleep/,
        /reader: waits to receive from a channel; started 0\.\d s ago\n +at Object\.recv \(.*asleep\.ts:/,
        /writer: waits to send on a channel; .*\n +at Object\.recv \(.*asleep\.ts:/,
      ],
    },
    { case: 225, name: "lock", code: 2, err: [/worker: waits for the lock of a Mutex;/, /call recordSpawns\(true\)/] },
    { case: 225, name: "foreign code", code: 2, err: [/stuck: waits for something the toolkit does not see;/] },
    { case: 225, name: "top-level await with a task", code: 2, err: [/reader: waits to receive/] },
    { case: 225, name: "top-level await", code: 13, err: [/unsettled top-level await at .*asleep\.ts/] },
    { case: 225, name: "own exit code", code: 7, err: [/reader: waits to receive/] },
    { case: 225, name: "healthy", code: 0 },
    { case: 225, name: "woken before the exit", code: 0 },
    { case: 226, name: "a timer hides it", code: 0 },
    { case: 229, name: "a deadline ends it", code: 0, out: "timed out\n" },
    { case: 225, name: "switched off", code: 0 },
  ];
  for (const { case: number, name, code, err, out = "" } of cases) {
    test(`${number}: ${name}: exit code ${code}`, () => {
      const args = ["--conditions=@millrace/source", SCRIPT, name];
      const ended = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 20_000 });
      assert.deepEqual([ended.status, ended.stdout], [code, out], ended.stderr);
      for (const each of err ?? [/^$/]) assert.match(ended.stderr, each);
    });
  }
});
