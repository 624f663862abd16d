import assert from "node:assert/strict";
import { type Ctx, background } from "millrace/context";
import { newTracer, startSpan, withTracer } from "millrace/trace";
import { printNanoseconds } from "../../lib/kernel.ts";

const COUNT = 300_000;
const kind = process.env["CASE"];
const options = { attrs: { "http.request.method": "GET", "server.port": 80 } };

let ended = 0;
const tracer = newTracer({ sampler: () => kind === "sampled", exporter: { export: () => void ended++ } });
const root = startSpan(kind === "disabled" ? background : withTracer(background, tracer), "root");
const parent = root.ctx;
let below: Ctx = parent;

function one(): void {
  const span = startSpan(parent, "work", options);
  below = span.ctx;
  span.set("n", 1);
  span.end();
}

one();
assert.deepEqual([root.recording, ended], [kind === "sampled", kind === "sampled" ? 1 : 0]);
assert.equal(below === parent, kind !== "sampled");
await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) one();
});
