import assert from "node:assert/strict";
import { test } from "node:test";
import { operationOf, sanitized, summaryOf } from "./statement.ts";

const cases = [
  { text: "select * from users where id = $1", clean: "select * from users where id = $1", summary: "SELECT users" },
  { text: "select 1, -2.5e3, .5, 0xff", clean: "select ?, -?, ?, ?", summary: "SELECT" },
  { text: "SELECT 'it''s', E'a\\'b', $$x'$$, $t$ $$ $t$", clean: "SELECT ?, ?, ?, ?", summary: "SELECT" },
  { text: "select U&'x', b'01', N'n'", clean: "select U&?, b?, N?", summary: "SELECT" },
  {
    text: `select "a 'b", t1.c2 from "My".t2 -- secret 'x\nwhere /* secret */ c='s'`,
    clean: `select "a 'b", t1.c2 from "My".t2 where c=?`,
    summary: "SELECT My.t2",
  },
  {
    text: "insert into  a.b_1\n(x) values ('s', 12)",
    clean: "insert into a.b_1 (x) values (?, ?)",
    summary: "INSERT a.b_1",
  },
  {
    text: "update only accounts set n = n - 1",
    clean: "update only accounts set n = n - ?",
    summary: "UPDATE accounts",
  },
  { text: "select 'a secret that does not end", clean: "select ?", summary: "SELECT" },
  { text: "select $a$ a secret that does not end $b$", clean: "select ?", summary: "SELECT" },
  { text: "begin", clean: "begin", summary: "BEGIN" },
  { text: "/* 7 */ (select 1) union select 2", clean: "(select ?) union select ?", summary: "SELECT" },
  { text: "", clean: "", summary: "SQL" },
];
for (const { text, clean, summary } of cases) {
  test(`statement: ${text}`, () => {
    assert.equal(sanitized(text), clean);
    assert.equal(summaryOf(clean), summary);
    assert.ok(summary.startsWith(operationOf(clean)));
  });
}

test("a long statement is cut, quickly, and shows no half of a literal", () => {
  const clean = sanitized(`select '${"secret ".repeat(100_000)}'`);
  assert.equal(clean, "select ?…");
  assert.equal(sanitized(`select ${"a, ".repeat(5000)}`).length, 2049);
  // What a careless expression would take minutes for.
  for (const text of ["'".repeat(100_001), "$a$".repeat(50_001), "/*".repeat(50_000), "1".repeat(100_000)]) {
    const since = performance.now();
    sanitized(text);
    assert.ok(performance.now() - since < 2000);
  }
});
