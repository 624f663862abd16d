import assert from "node:assert/strict";
import { test } from "node:test";
import { formatProblem } from "./problem.ts";

const cases = [
  { name: "the first character", text: "abc", offset: 0, want: "a.sql:1:1: no\n  abc\n  ^\n" },
  { name: "a later line", text: "a\n\tbc é x\nd", offset: 8, want: "a.sql:2:7: no\n  \tbc é x\n  \t     ^\n" },
  { name: "characters of two units count once", text: "😀x", offset: 2, want: "a.sql:1:2: no\n  😀x\n   ^\n" },
  { name: "the end of a line", text: "ab\ncd", offset: 2, want: "a.sql:1:3: no\n  ab\n    ^\n" },
  { name: "the start of a line", text: "ab\ncd", offset: 3, want: "a.sql:2:1: no\n  cd\n  ^\n" },
  { name: "beyond the end", text: "ab", offset: 9, want: "a.sql:1:3: no\n  ab\n    ^\n" },
];

for (const { name, text, offset, want } of cases) {
  test(`formatProblem: ${name}`, () => {
    assert.equal(formatProblem({ source: { file: "a.sql", text }, offset, message: "no" }), want);
  });
}
