import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { background } from "../context/index.ts";
import { type Attrs, newLog, withLogAttrs } from "./index.ts";
import { mergeFields } from "./fields.ts";
import { redactor } from "./redact.ts";

function setup(redact: readonly string[] = []): { log: ReturnType<typeof newLog>; text: () => string } {
  let text = "";
  return { log: newLog({ out: { write: (line) => (text = line) }, redact }), text: () => text };
}

function fieldsOf(line: string): Record<string, unknown> {
  const { level: _level, time: _time, msg: _msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  return rest;
}

test("a line has the fields that merging all its attributes gives, each once", () => {
  const names = ["a", "b", "1", "level", "level_", "msg", "password", "__proto__", 'quo"te', "\ud800"];
  const value = fc.oneof(fc.anything({ withBigInt: true, withDate: true, withMap: true }), fc.string());
  const attrs: fc.Arbitrary<Attrs> = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), value), { selector: ([name]) => name })
    .map((pairs) => Object.fromEntries(pairs));
  const redacted = redactor([]);
  const { log, text } = setup();
  fc.assert(
    fc.property(attrs, attrs, attrs, (fixed, above, own) => {
      log.with(fixed).info(withLogAttrs(background, above), "m", own);
      const merged = mergeFields({}, redacted, fixed, { ...above }, own);
      const want = JSON.stringify(merged);
      assert.deepEqual(fieldsOf(text()), JSON.parse(want));
      assert.equal(
        text().length,
        '{"level":"info","time":"2026-01-01T00:00:00.000Z","msg":"m"}\n'.length + added(want),
      );
    }),
    { numRuns: 500 },
  );
});

// What fields add to a line: themselves without braces, and a comma.
function added(fields: string): number {
  return fields === "{}" ? 0 : fields.length - 1;
}

const cases: { name: string; redact?: string[]; lines: Attrs[]; want: object }[] = [
  { name: "level and level_ are one name, the later wins", lines: [{ level: 1, level_: 2 }], want: { level_: 2 } },
  { name: "in either order", lines: [{ level_: 2, level: 1 }], want: { level_: 1 } },
  { name: "a redacted level", redact: ["level"], lines: [{ level_: "a" }, { level: "b" }], want: { level_: "***" } },
  {
    name: "does not hide a level_",
    redact: ["level"],
    lines: [{ level: "b" }, { level_: "a" }],
    want: { level_: "a" },
  },
  { name: "a later undefined takes a value away", lines: [{ level_: 1, level: undefined }], want: {} },
];
for (const { name, redact, lines, want } of cases) {
  test(name, () => {
    const { log, text } = setup(redact);
    for (const attrs of lines) log.info(background, "m", attrs);
    assert.deepEqual(fieldsOf(text()), want);
  });
}

test("a getter that logs changes nothing of the line that it is read for", () => {
  const lines: string[] = [];
  const log = newLog({ out: { write: (line) => lines.push(line) } });
  const attrs = {
    a: "call",
    get b() {
      log.info(background, "inner", { a: "inner", c: 1 });
      return "read";
    },
    // Read before the one above: the last comes first.
    c: 2,
  };
  log.with({ a: "fixed", c: "fixed" }).info(background, "outer", attrs);
  assert.equal(lines.length, 2);
  assert.deepEqual(fieldsOf(lines[0]!), { a: "inner", c: 1 });
  assert.match(lines[1]!, /^\{"level":"info","time":"[^"]+","a":"call","b":"read","c":2,"msg":"outer"\}\n$/);
});

test("names without end are written right, also after the first ones were forgotten", () => {
  const { log, text } = setup();
  for (let i = 0; i < 3000; i++) {
    const name = `${"n".repeat(60)}${i % 2000}`;
    log.with({ [name]: "fixed", kept: i }).info(background, "m", { [name]: i, token: "t" });
    assert.deepEqual(fieldsOf(text()), { kept: i, [name]: i, token: "***" });
  }
});

test("messages and errors that have no text cost themselves and not the line", () => {
  const { log, text } = setup();
  log.info(background, Object.create(null) as string);
  assert.match(text(), /"msg":"\[threw TypeError\]"/);
  const err = new Error("x");
  Object.defineProperty(err, "name", {
    get() {
      throw new Error("no name");
    },
  });
  const attrs = {
    get a() {
      throw err;
    },
  };
  log.info(background, "m", attrs);
  assert.deepEqual(fieldsOf(text()), { a: "[threw]" });
});
