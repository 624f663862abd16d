import assert from "node:assert/strict";
import { test } from "node:test";
import { html } from "./html.ts";
import { created, json, noContent, redirect, text } from "./reply.ts";

test("builders set status, type and body", () => {
  assert.deepEqual(
    [json({ a: 1 }).status, json({ a: 1 }).type, json({ a: 1 }).body],
    [200, "application/json", '{"a":1}'],
  );
  assert.equal(json(undefined).body, "null");
  assert.equal(json({}, { status: 202 }).status, 202);
  assert.equal(text("hi").type, "text/plain; charset=utf-8");
  assert.deepEqual([noContent().status, noContent().body], [204, null]);
  assert.deepEqual(created("/users/1", { id: 1 }).head, ["location", "/users/1"]);
  assert.deepEqual([redirect("/x").status, redirect("/x", 308).status], [302, 308]);
});

test("a location cannot leave its line", () => {
  assert.deepEqual(redirect("/a\r\nset-cookie: x=1 é").head, ["location", "/a%0D%0Aset-cookie:%20x=1%20%C3%A9"]);
});

test("header refuses what would forge the message", async (t) => {
  const cases: [string, string][] = [
    ["x-a", "a\r\nb: c"],
    ["x-a", "a\nb"],
    ["x-a", "a\0b"],
    ["x-a", "\u{1F600}"],
    ["x a", "b"],
    ["x-a:", "b"],
    ["", "b"],
    ["Content-Length", "5"],
    ["transfer-encoding", "chunked"],
    ["Connection", "close"],
  ];
  for (const [name, value] of cases) {
    await t.test(JSON.stringify([name, value]), () => {
      assert.throws(() => text("").header(name, value), { code: "internal", reason: "http/bad_header" });
    });
  }
});

test("header replaces, except where a header may stand several times", () => {
  const reply = text("").header("X-A", "1").header("x-a", "2").header("set-cookie", "a=1").header("Set-Cookie", "b=2");
  assert.deepEqual(reply.head, ["x-a", "2", "set-cookie", "a=1", "set-cookie", "b=2"]);
  assert.equal(text("").header("content-type", "text/csv").type, "text/csv");
});

test("html escapes what is put in, but not its own markup", () => {
  const items = ["<b>", "a\"'&"].map((item) => html`<i>${item}</i>`);
  const page = html`<b title="${'"x'}">${items}${null}${undefined}${false}${0}</b>`;
  assert.equal(page.body, '<b title="&quot;x"><i>&lt;b&gt;</i><i>a&quot;&#39;&amp;</i>0</b>');
  assert.equal(page.type, "text/html; charset=utf-8");
});
