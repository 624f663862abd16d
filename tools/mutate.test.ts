import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Copy, mutated } from "./mutants/copy.ts";
import { report } from "./mutate.ts";

const SOURCE = "export function add(a: number, b: number): number {\n  // a note\n  return a + b;\n}\n";
const TEST = `
import assert from "node:assert/strict";
import { test } from "node:test";
import { add } from "./add.ts";
test("2: adds", () => assert.equal(add(2, 3), 5));
`;
const file = "millrace/src/add.ts";
const tests = ["millrace/src/*.test.ts"];

const cases = [
  { name: "a wrong sum", find: "a + b", replace: "a * b", want: "killed", by: "2: adds" },
  {
    name: "an endless loop",
    find: "return a + b",
    replace: "for (;;);",
    want: "killed",
    by: "millrace/src/add.test.ts hangs",
  },
  { name: "another note", find: "a note", replace: "no note", want: "survived", by: "" },
  { name: "what is not there", find: "a - b", replace: "", want: "stale", by: "" },
  { name: "what is there twice", find: "number)", replace: "", want: "stale", by: "" },
];

test("mutants are killed, survive, hang or are stale, and the sources stay as they are", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "millrace-mutate-"));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "millrace/src"), { recursive: true });
  for (const path of ["package.json", "millrace/package.json"]) writeFileSync(join(root, path), '{"type":"module"}');
  writeFileSync(join(root, file), `${SOURCE}// number)\n`);
  writeFileSync(join(root, "millrace/src/add.test.ts"), TEST);
  using copy = new Copy(root);
  const test = "millrace/src/add.test.ts";
  assert.equal(await copy.failure(test, 60_000), undefined);
  for (const { name, find, replace, want, by } of cases) {
    const result = await copy.run({ name, file, find, replace, tests }, new Map([[test, 100]]));
    assert.deepEqual([result.outcome, result.by], [want, by], name);
    assert.equal(readFileSync(join(copy.dir, file), "utf8"), readFileSync(join(root, file), "utf8"));
    assert.match(report([result]), new RegExp(`\\| add\\.ts \\| ${name} \\| ${want} \\|`));
  }
  assert.throws(() => copy.files({ name: "", file, find: "", replace: "", tests: ["none/*.test.ts"] }), /no test file/);
  assert.equal(mutated(root, { name: "", file: "millrace/src/gone.ts", find: "a", replace: "", tests }), undefined);
});
