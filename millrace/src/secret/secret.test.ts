import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { format, inspect } from "node:util";
import fc from "fast-check";
import { background } from "../context/index.ts";
import { newLog } from "../log/index.ts";
import { Secret } from "./index.ts";
import { maskUrls } from "./mask-urls.ts";

function logged(value: unknown, form: "json" | "pretty"): string {
  let text = "";
  newLog({ format: form, out: { write: (line) => (text += line) } }).info(background, `m`, {
    value,
    inside: { value },
  });
  return text;
}

describe("Secret leaves only through reveal", () => {
  const ways: Record<string, (secret: Secret<string>) => string> = {
    String: (s) => String(s),
    "as a separator": (s) => ["a", "b"].join(s as unknown as string),
    JSON: (s) => JSON.stringify({ s, list: [s] }),
    inspect: (s) => inspect(s, { showHidden: true, depth: 9 }),
    "inspect inside": (s) => inspect({ s, map: new Map([["k", s]]) }, { showHidden: true }),
    "format %s %o %O %j": (s) => format("%s %o %O %j", s, s, s, s),
    "a template, in an error's message": (s) => new Error(`no ${s as unknown as string}`).message,
    "its keys": (s) => JSON.stringify([Object.entries(s), Reflect.ownKeys(s).map(String)]),
    "a copy": (s) => JSON.stringify(Object.assign({}, s)) + inspect(structuredClone(Object.assign({}, s))),
    "the log, JSON": (s) => logged(s, "json"),
    "the log, pretty": (s) => logged(s, "pretty"),
  };
  for (const [name, way] of Object.entries(ways)) {
    test(name, () => {
      const secret = new Secret("hunter2");
      assert.doesNotMatch(way(secret), /hunter2/);
      assert.equal(secret.reveal(), "hunter2");
    });
  }

  test("what is shown is ***", () => {
    const secret = new Secret({ deep: "hunter2" });
    assert.deepEqual([String(secret), JSON.stringify(secret), inspect(secret)], ["***", '"***"', "***"]);
  });

  test("an assertion that fails does not show it", () => {
    const compare = (): void => assert.deepEqual({ s: new Secret("hunter2") }, { s: 1 });
    assert.throws(compare, (err: Error) => !err.message.includes("hunter2"));
  });
});

describe("maskUrls", () => {
  const cases: [text: string, want: string][] = [
    ["postgres://app:hunter2@db:5432/shop", "postgres://app:***@db:5432/shop"],
    ["redis://:hunter2@h", "redis://:***@h"],
    ["a://u:p@ss@h and b://u:p/w@h", "a://u:***@h and b://u:***@h"],
    ["postgres://app@db/shop", "postgres://app@db/shop"],
    ["http://localhost:4873/@scope/pkg", "http://localhost:4873/@scope/pkg"],
    ["http://h/a?mail=x@y", "http://h/a?mail=x@y"],
    ["mail me: a@b", "mail me: a@b"],
    ['{"addr":"http://h:8080","mail":"a@b"}', '{"addr":"http://h:8080","mail":"a@b"}'],
    ["a://u:p\"w'x@h", "a://u:***@h"],
    ['{"url":"a://u:p@h"}', '{"url":"a://u:***@h"}'],
  ];
  for (const [text, want] of cases) test(text, () => assert.equal(maskUrls(text), want));

  test("no password gets through, however it is escaped", () => {
    const password = fc.string({ minLength: 1 }).map((raw) => encodeURIComponent(`hunter2${raw.toWellFormed()}`));
    fc.assert(fc.property(password, (pass) => !maskUrls(`x postgres://u:${pass}@h/d`).includes("hunter2")));
  });

  test("a hostile text costs linear time", () => {
    const startedAt = performance.now();
    maskUrls("://:".repeat(25_000));
    maskUrls("a://b:".repeat(25_000));
    assert.ok(performance.now() - startedAt < 1000);
  });
});
