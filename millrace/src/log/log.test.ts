import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Ctx, background, ctxKey, withCancel, withValue } from "../context/index.ts";
import { Failure, ValidationFailure, wrap } from "../errors/index.ts";
import { Secret } from "../secret/index.ts";
import { type LogOptions, type Log, REDACTED, logAttrs, newLog, withLogAttrs } from "./index.ts";

function setup(options: LogOptions = {}): { log: Log; text: () => string; lines: () => Record<string, unknown>[] } {
  let text = "";
  const log = newLog({ out: { write: (line) => (text += line) }, ...options });
  const lines = (): Record<string, unknown>[] =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, text: () => text, lines };
}

// What one call with these attributes writes, less level, time and msg.
function written(attrs: Record<string, unknown>, options: LogOptions = {}): Record<string, unknown> {
  const { log, lines } = setup(options);
  log.info(background, "m", attrs);
  const { level, time, msg, ...rest } = lines()[0]!;
  assert.deepEqual([level, msg, typeof time], ["info", "m", "string"]);
  return rest;
}

describe("a line", () => {
  test("is JSON: the level as a word, RFC 3339 time in UTC, the message", () => {
    const { log, text } = setup();
    log.warn(background, 'say "hi"\n', { n: 1 });
    assert.match(
      text(),
      /^\{"level":"warn","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","n":1,"msg":"say \\"hi\\"\\n"\}\n$/,
    );
  });

  test("a log writes its level and those after it", () => {
    const levels = ["debug", "info", "warn", "error"] as const;
    for (const [i, level] of levels.entries()) {
      const { log, lines } = setup({ level });
      for (const each of levels) log[each](background, each);
      assert.deepEqual(
        lines().map((line) => line["level"]),
        levels.slice(i),
      );
      assert.deepEqual(
        levels.filter((each) => log.enabled(each)),
        levels.slice(i),
      );
    }
    assert.throws(
      () => newLog({ level: "loud" as "info" }),
      /log: level must be one of debug, info, warn, error, not loud/,
    );
  });

  test("the level can be changed while the log is used, for all that with has made", () => {
    const { log, lines } = setup();
    const parent = log.with({ a: 1 });
    const child = parent.with({ b: 2 });
    child.debug(background, "before");
    parent.setLevel("debug");
    for (const each of [log, parent, child]) {
      assert.equal(each.level, "debug");
      each.debug(background, "during");
    }
    child.setLevel("error");
    for (const each of [log, parent, child]) each.warn(background, "after");
    assert.deepEqual([log.level, log.enabled("warn"), log.enabled("error")], ["error", false, true]);
    assert.deepEqual(
      lines().map((line) => line["msg"]),
      ["during", "during", "during"],
    );
    assert.throws(() => log.setLevel("loud" as "info"), /log: level must be one of debug, info, warn, error, not loud/);
    assert.equal(log.level, "error");
  });

  test("the call wins over the log's attributes, those over the context's, each name written once", () => {
    const { log, text, lines } = setup();
    const ctx = withLogAttrs(withLogAttrs(background, { a: "ctx", b: "outer", request_id: "r1" }), { b: "ctx" });
    log.with({ a: "with", c: "with" }).with({ c: "inner" }).info(ctx, "m", { a: "call" });
    const { a, b, c, request_id } = lines()[0]!;
    assert.deepEqual({ a, b, c, request_id }, { a: "call", b: "ctx", c: "inner", request_id: "r1" });
    assert.equal(text().match(/"a":/g)?.length, 1);
  });

  test("attributes of a context may be computed when they are read", () => {
    let reads = 0;
    const lazy = {
      get request_id() {
        return `r${++reads}`;
      },
    };
    const ctx = withValue(withCancel(background), logAttrs, lazy);
    const { log, lines } = setup();
    log.debug(ctx, "not written");
    log.info(ctx, "m");
    assert.deepEqual([lines()[0]!["request_id"], reads], ["r1", 1]);
  });

  test("the names of the line itself are not overwritten", () => {
    assert.deepEqual(written({ level: 1, time: 2, msg: 3 }), { level_: 1, time_: 2, msg_: 3 });
  });
});

describe("values", () => {
  class Point {
    readonly x = 1;
  }
  const circle: Record<string, unknown> = { name: "c" };
  circle["self"] = circle;
  const cases: { name: string; value: unknown; want: unknown }[] = [
    { name: "bigint", value: 12345678901234567890n, want: "12345678901234567890" },
    { name: "NaN", value: NaN, want: "NaN" },
    { name: "infinity", value: -Infinity, want: "-Infinity" },
    { name: "null", value: null, want: null },
    { name: "date", value: new Date(0), want: "1970-01-01T00:00:00.000Z" },
    { name: "bad date", value: new Date(NaN), want: "Invalid Date" },
    { name: "symbol", value: Symbol("s"), want: "Symbol(s)" },
    { name: "function", value: function named() {}, want: "[function named]" },
    { name: "regexp", value: /a/g, want: "/a/g" },
    { name: "bytes", value: new Uint8Array(3), want: "[3 bytes]" },
    {
      name: "map",
      value: new Map<unknown, unknown>([
        ["a", 1n],
        [2, "b"],
        ["token", "t"],
      ]),
      want: { a: "1", 2: "b", token: "***" },
    },
    { name: "set", value: new Set([1, "a"]), want: [1, "a"] },
    { name: "class", value: new Point(), want: { x: 1 } },
    { name: "toJSON", value: { toJSON: () => ({ n: 1n }) }, want: { n: "1" } },
    { name: "circle", value: circle, want: { name: "c", self: "[circular]" } },
    {
      name: "the same twice is no circle",
      value: (() => {
        const o = { a: 1 };
        return [o, o];
      })(),
      want: [{ a: 1 }, { a: 1 }],
    },
    { name: "__proto__", value: JSON.parse('{"__proto__":{"x":1}}'), want: JSON.parse('{"__proto__":{"x":1}}') },
    {
      name: "a getter that throws",
      value: {
        get bad() {
          throw new RangeError("no");
        },
        good: 1,
      },
      want: { bad: "[threw RangeError]", good: 1 },
    },
    {
      name: "toJSON that throws",
      value: {
        toJSON: () => {
          throw new Error("no");
        },
      },
      want: "[threw Error]",
    },
    {
      name: "a hostile proxy",
      value: new Proxy(
        {},
        {
          getPrototypeOf() {
            throw new Error("no");
          },
        },
      ),
      want: "[threw Error]",
    },
    { name: "secret", value: new Secret("hunter2"), want: "***" },
    { name: "secret inside", value: { a: [new Secret({ b: 1 })] }, want: { a: ["***"] } },
    {
      name: "a password in a URL",
      value: "to postgres://app:hunter2@db:5432/shop failed",
      want: "to postgres://app:***@db:5432/shop failed",
    },
    { name: "a URL", value: new URL("https://u:p@h/x"), want: "https://u:***@h/x" },
  ];
  for (const { name, value, want } of cases) test(name, () => assert.deepEqual(written({ value })["value"], want));

  test("undefined is left out", () => assert.deepEqual(written({ a: undefined }), {}));

  test("depth, entries and text are bounded, and the line says so", () => {
    let deep: unknown = "end";
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const { value, list, text, wide } = written({
      value: deep,
      list: Array.from({ length: 5000 }, () => 1),
      text: "x".repeat(1_000_000),
      wide: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i])),
    });
    assert.match(JSON.stringify(value), /too deep/);
    assert.equal((list as unknown[]).at(-1), "… 4800 more");
    assert.match(text as string, /… \(1000000 characters\)$/);
    assert.equal((wide as Record<string, unknown>)["…"], "100 more");
  });

  test("no value makes a call throw, and every line is JSON", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          withSparseArray: true,
        }),
        (msg, value) => {
          const { log, lines } = setup();
          log.info(background, msg, { value });
          assert.equal(lines()[0]!["msg"], msg);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a caller without types gets a line and no throw", () => {
    const { log, lines } = setup();
    const bare = log as unknown as { info(...args: unknown[]): void };
    bare.info("no context");
    bare.info(
      undefined,
      undefined,
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error("no keys");
          },
        },
      ),
    );
    assert.equal(lines().length, 2);
    assert.equal(lines()[1]!["log_error"], "Error: no keys");
  });
});

describe("redaction", () => {
  test("the default names, at any depth, in any spelling", () => {
    for (const name of REDACTED) assert.deepEqual(written({ a: { [name]: { deep: 1 } } }), { a: { [name]: "***" } });
    assert.deepEqual(written({ apiKey: 1, "Set-Cookie": 2, PASSWORD: 3, tokens: 4, "x-token": 5 }), {
      apiKey: "***",
      "Set-Cookie": "***",
      PASSWORD: "***",
      tokens: 4,
      "x-token": 5,
    });
  });

  test("names of one's own come on top, and mean themselves", () => {
    assert.deepEqual(written({ iban: 1, password: 2, "a.c": 3, abc: 4 }, { redact: ["iban", "a.c"] }), {
      iban: "***",
      password: "***",
      "a.c": "***",
      abc: 4,
    });
  });

  test("also in with() and in the context", () => {
    const { log, lines } = setup();
    log.with({ token: "t" }).info(withLogAttrs(background, { cookie: "c" }), "m");
    assert.deepEqual([lines()[0]!["token"], lines()[0]!["cookie"]], ["***", "***"]);
  });
});

describe("errors", () => {
  test("are written with code, reason, message, causes and stack", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", password: "hunter2" });
    const failure = wrap(
      new Failure("sql: no connection", { code: "unavailable", reason: "sql/connect", cause: refused }),
      "get user 42",
    );
    const err = written({ err: failure })["err"] as Record<string, unknown>;
    const { stack, cause, ...rest } = err;
    assert.deepEqual(rest, {
      name: "Failure",
      code: "unavailable",
      reason: "sql/connect",
      message: "get user 42: sql: no connection",
    });
    assert.match(stack as string, /get user 42[^]*log\.test\.ts/);
    const inner = (cause as Record<string, Record<string, unknown>>)["cause"]!;
    assert.equal(inner["code"], "ECONNREFUSED");
    assert.equal("password" in inner, false);
  });

  test("issues, members, circles and causes that are no errors", () => {
    const circle = new Error("a");
    circle.cause = circle;
    const { v, a, c, s } = written({
      v: new ValidationFailure("bad", [{ path: ["x", 0], message: "must be positive" }]),
      a: new AggregateError([new Error("one"), "two"], "both"),
      c: circle,
      s: new Error("outer", { cause: { password: "p", n: 1 } }),
    }) as Record<string, Record<string, unknown>>;
    assert.deepEqual(v!["issues"], [{ path: ["x", 0], message: "must be positive" }]);
    assert.deepEqual(
      (a!["errors"] as unknown[]).map((e) => (e as Error).message ?? e),
      ["one", "two"],
    );
    assert.equal(c!["cause"], "[circular]");
    assert.deepEqual(s!["cause"], { password: "***", n: 1 });
  });

  test("a long cause chain is cut", () => {
    let err = new Error("root");
    for (let i = 0; i < 100; i++) err = new Error(`level ${i}`, { cause: err });
    assert.match(JSON.stringify(written({ err })), /too deep/);
  });
});

describe("pretty", () => {
  test("is one line a call, values bare where they are one word", () => {
    const { log, text } = setup({ format: "pretty" });
    log.info(background, "listening", { addr: "127.0.0.1:8080", note: "two words", n: 1, list: [1, "a"] });
    assert.match(
      text(),
      /^\d\d:\d\d:\d\d\.\d{3} INFO {2}listening addr=127\.0\.0\.1:8080 note="two words" n=1 list=\[1,"a"\]\n$/,
    );
  });

  test("shows the stack and causes of an error below", () => {
    const { log, text } = setup({ format: "pretty" });
    log.error(background, "failed", {
      err: new Failure("outer", { code: "internal", reason: "x/y", cause: new Error("inner") }),
    });
    assert.match(
      text(),
      /ERROR failed\n {4}err: Failure: outer \(internal, x\/y\)\n {8}at [^]*\n {4}cause: Error: inner\n {8}at /,
    );
  });

  test("no value can forge a line or move the cursor", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (msg, value) => {
        const { log, text } = setup({ format: "pretty" });
        log.info(background, msg, { [value]: value, a: value });
        // oxlint-disable-next-line no-control-regex
        assert.doesNotMatch(text().slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      }),
    );
  });

  test("masks secrets", () => {
    const { log, text } = setup({ format: "pretty" });
    log.info(background, "m", { db: new Secret("hunter2"), password: "hunter2", url: "redis://:hunter2@h" });
    assert.doesNotMatch(text(), /hunter2/);
  });
});

test("an out that throws costs the line, which is counted and told of", () => {
  let broken = true;
  let text = "";
  const log = newLog({
    out: {
      write(line) {
        if (broken) throw new Error("no");
        text += line;
      },
    },
  });
  log.info(background, "one");
  log.error(background, "two");
  assert.equal(log.dropped, 2);
  broken = false;
  log.info(background, "three");
  assert.match(text, /^[^\n]*"three"\}\n\{"level":"warn",[^\n]*"dropped":2,"msg":"log: lines were dropped"\}\n$/);
});

test("keys of other things in the context are not touched", () => {
  const key = ctxKey<number>("n");
  const ctx: Ctx = withLogAttrs(withValue(background, key, 1), { a: 1 });
  assert.equal(ctx.get(key), 1);
  assert.equal(background.get(logAttrs), undefined);
});
