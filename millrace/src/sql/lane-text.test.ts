import assert from "node:assert/strict";
import { test } from "node:test";
import { LaneText, LaneTexts, isLaneText } from "./lane-text.ts";

const CASES: readonly { readonly text: string; readonly lane: boolean }[] = [
  { text: "select 1", lane: true },
  { text: "  SELECT\n1", lane: true },
  { text: "select*from t", lane: true },
  { text: "with x as (select 1) insert into t select * from x", lane: true },
  { text: "insert into t values (1)", lane: true },
  { text: "update t set a = 1", lane: true },
  { text: "delete from t", lane: true },
  { text: "merge into t using s on true when matched then do nothing", lane: true },
  { text: "-- name: GetUser :one\n/* by key */ select 1", lane: true },
  { text: "/**/--\nselect 1", lane: true },
  { text: "", lane: false },
  { text: "-- select 1", lane: false },
  { text: "/* select 1", lane: false },
  // To PostgreSQL the comment ends at the second end, and the statement is BEGIN.
  { text: "/* /* */ select 1 */ begin", lane: false },
  { text: "(select 1)", lane: false },
  { text: "selected", lane: false },
  { text: "begin", lane: false },
  { text: "commit", lane: false },
  { text: "set timezone to 'UTC'", lane: false },
  { text: "call p()", lane: false },
  { text: "do $$ begin end $$", lane: false },
  { text: "copy t from stdin", lane: false },
  { text: "listen c", lane: false },
  { text: "declare c cursor for select 1", lane: false },
  { text: "explain analyze insert into t values (1)", lane: false },
  { text: "values (1)", lane: false },
  { text: "vacuum", lane: false },
  { text: "select pg_advisory_lock(1)", lane: false },
  { text: "select pg_try_advisory_xact_lock(1)", lane: false },
  { text: "select set_config('a.b', 'c', false)", lane: false },
  { text: "select dblink_exec('…')", lane: false },
  { text: "select lo_import('/tmp/x')", lane: false },
  { text: `select '${"x".repeat(10_000)}'`, lane: false },
];

test("which statements may share a connection", () => {
  for (const { text, lane } of CASES) assert.equal(isLaneText(text), lane, text.slice(0, 60));
});

test("a slow text is kept off the lanes until it was quick 64 times", () => {
  const about = new LaneText("select 1", 0);
  assert.ok(about.fits);
  about.took(0, 21);
  assert.ok(!about.fits);
  for (let i = 0; i < 63; i++) about.took(100, 101);
  assert.ok(!about.fits);
  about.took(100, 121);
  for (let i = 0; i < 63; i++) about.took(200, 201);
  assert.ok(!about.fits, "slow again");
  about.took(200, 201);
  assert.ok(about.fits);
});

test("a new text is tried elsewhere first", () => {
  const about = new LaneText("select 1", 1);
  assert.ok(!about.fits);
  about.took(0, 1);
  assert.ok(about.fits);
});

test("a text that is quick otherwise is forgiven one slow time, on however many lanes", () => {
  const about = new LaneText("select 1", 0);
  for (let i = 0; i < 100; i++) about.took(i, i + 1);
  about.took(200, 230);
  about.took(205, 231);
  about.took(202, 231);
  assert.ok(about.fits);
  about.took(240, 241);
  about.took(300, 330);
  assert.ok(!about.fits);
});

test("the texts used last are remembered, not all", () => {
  const texts = new LaneTexts(0);
  const hot = texts.of("select hot");
  hot.took(0, 100);
  const gone = texts.of("select gone");
  for (let i = 0; i < 10_000; i++) {
    texts.of(`select ${i}`);
    if (i % 500 === 0) assert.equal(texts.of("select hot"), hot);
  }
  assert.notEqual(texts.of("select gone"), gone);
});
