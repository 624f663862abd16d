import assert from "node:assert/strict";
import { ROOT_CONTEXT, type Context, trace } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type SpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { printNanoseconds } from "../../lib/kernel.ts";

const COUNT = 300_000;
const kind = process.env["CASE"];
const options = { attributes: { "http.request.method": "GET", "server.port": 80 } };

let ended = 0;
const counts: SpanProcessor = {
  onStart: () => undefined,
  onEnd: () => void ended++,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
const sampler = new ParentBasedSampler({ root: kind === "sampled" ? new AlwaysOnSampler() : new AlwaysOffSampler() });
const provider = new TracerProvider({ sampler, spanProcessors: [counts] });
const tracer = kind === "disabled" ? trace.getTracer("bench") : provider.getTracer("bench");
const root = tracer.startSpan("root", {}, ROOT_CONTEXT);
const parent = trace.setSpan(ROOT_CONTEXT, root);
let below: Context = parent;

function one(): void {
  const span = tracer.startSpan("work", options, parent);
  below = trace.setSpan(parent, span);
  span.setAttribute("n", 1);
  span.end();
}

one();
assert.deepEqual([root.isRecording(), ended], [kind === "sampled", kind === "sampled" ? 1 : 0]);
assert.notEqual(below, parent);
await printNanoseconds({ count: COUNT }, () => {
  for (let i = 0; i < COUNT; i++) one();
});
