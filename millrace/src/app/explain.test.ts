import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigFailure } from "../config/index.ts";
import { Failure, wrap } from "../errors/index.ts";
import { exitCode, explain } from "./explain.ts";
import { nodeProblem } from "./node-version.ts";

const config = new ConfigFailure([{ variable: "PORT", expected: "a number" }]);
const inUse = Object.assign(new Error("listen EADDRINUSE :::8080"), { code: "EADDRINUSE" });
const loop = new Error("loop");
loop.cause = loop;

const cases: { name: string; err: unknown; want: string; code?: number }[] = [
  { name: "bad configuration", err: config, want: `${config.message}\n`, code: 78 },
  { name: "bad configuration, wrapped", err: wrap(config, "start"), want: `${config.message}\n`, code: 78 },
  {
    name: "a cause that its message has already",
    err: wrap(wrap(new Error("root"), "inner"), "outer"),
    want: "error: outer: inner: root\n(DEBUG=1 shows the stack.)\n",
  },
  {
    name: "a cause that says more",
    err: new Failure("outer", { code: "internal", cause: new Error("root") }),
    want: "error: outer\n  because: root\n(DEBUG=1 shows the stack.)\n",
  },
  {
    name: "a hint from deep below",
    err: wrap(inUse, "http"),
    want: "error: http: listen EADDRINUSE :::8080\nhint: Another process listens on that address: stop it, or choose another one.\n(DEBUG=1 shows the stack.)\n",
  },
  {
    name: "several",
    err: new AggregateError([new Error("one"), new Error("two")], "both failed"),
    want: "error: both failed\n  because: one\n  because: two\n(DEBUG=1 shows the stack.)\n",
  },
  { name: "no message", err: new TypeError(), want: "error: TypeError\n(DEBUG=1 shows the stack.)\n" },
  { name: "a loop", err: loop, want: "error: loop\n(DEBUG=1 shows the stack.)\n" },
  { name: "no error", err: undefined, want: "error: undefined\n(DEBUG=1 shows the stack.)\n" },
  {
    name: "a password in a URL",
    err: new Error("no postgres://u:hunter2@h"),
    want: "error: no postgres://u:***@h\n(DEBUG=1 shows the stack.)\n",
  },
];
for (const { name, err, want, code = 1 } of cases) {
  test(name, () => {
    assert.equal(explain(err, { stack: false }), want);
    assert.equal(exitCode(err), code);
  });
}

test("a version of Node that is too old is named", () => {
  for (const version of ["24.0.0", "26.10.0", "30.1.0"]) assert.equal(nodeProblem(version), undefined);
  for (const version of ["8.17.0", "20.19.2", "22.1.0"]) {
    assert.match(
      nodeProblem(version)!,
      new RegExp(`needs Node 24 or newer; this is Node ${version.replaceAll(".", "\\.")}\\.`),
    );
  }
});
