import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { numbersOf } from "./conformance.ts";
import { ROOT } from "./lib/root.ts";

const names = [
  { name: "13: one", want: [13] },
  { name: "13, 14: two", want: [13, 14] },
  { name: "57-59, 61: a range", want: [57, 58, 59, 61] },
  { name: "100,000 waiters: no number of a case", want: [] },
  { name: "2 of them", want: [] },
  { name: "after 13: not at the beginning", want: [] },
];

for (const { name, want } of names) {
  test(`the cases of ${JSON.stringify(name)}`, () => assert.deepEqual(numbersOf(name), want));
}

// The tool as it is run, over a test file in which some things are as they should not be.
test("a failing case, a missing one, a skipped one and a wrong number are noticed", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "millrace-conformance-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "some.test.mjs");
  const tests = [
    `import { describe, test } from "node:test";`,
    `test("1: passes", () => {});`,
    `test("2: passes", () => {});`,
    `test("2: and fails", () => { throw new Error("two is not one"); });`,
    `test("3, 4: pass", () => {});`,
    `describe("inner", () => { test("5: passes", () => {}); test.skip("6: not run", () => {}); });`,
    `test("9999: no case has this number", () => {});`,
  ];
  writeFileSync(file, tests.join("\n"));
  const { status, out } = conformance("concurrency", file);
  assert.equal(status, 1, out);
  assert.match(out, /covered 4\/\d+/);
  assert.match(out, /FAILED +2 /);
  assert.match(out, /failed: .*some\.test\.mjs: 2: and fails: .*two is not one/);
  assert.match(out, /NO TEST +6 /);
  assert.match(out, /LATER +200 .*: threads/);
  assert.match(out, /no case 9999: /);
  assert.doesNotMatch(out, /(?:FAILED|NO TEST) +[1345] /);
});

test("a file that does not load is a problem of its own", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "millrace-conformance-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "some.test.mjs");
  writeFileSync(file, `import "./nowhere.mjs";`);
  const { status, out } = conformance("concurrency", file);
  assert.equal(status, 1, out);
  assert.match(out, /failed: .*some\.test\.mjs/);
});

test("--list prints the cases, and an unknown list is refused", () => {
  assert.match(conformance("concurrency", "--list").out, /^G Mutex\n +118 {2}/m);
  assert.equal(conformance("nothing").status, 2);
});

function conformance(...args: string[]): { status: number | null; out: string } {
  // A run of tests inside of a test is one of its own, and not a part of this one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const tool = join(ROOT, "tools/conformance.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, ...args], { env, encoding: "utf8" });
  return { status, out: stdout + stderr };
}
