import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ROOT_CONTEXT, context, isSpanContextValid, propagation, trace } from "@opentelemetry/api";
import { until } from "../../http/client/testing/upstream.ts";
import { Router, json } from "../../http/index.ts";
import { serve } from "../../http/node/testing/setup.ts";
import { tracing } from "../../middleware/index.ts";
import { current } from "../../task/index.ts";
import { activeSpan, span } from "../index.ts";
import { type Memory, memory } from "../testing/memory.ts";
import { registerOtel } from "./index.ts";
import { lookUp } from "./testing/library.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const sampled = { traceparent: `00-${ID}-${PARENT}-01`, tracestate: "a=1" };

let kept: Memory;
let recorded: boolean;
let registered: Disposable;
beforeEach(() => {
  recorded = true;
  kept = memory(() => recorded);
  registered = registerOtel(kept.tracer);
});
afterEach(() => registered[Symbol.dispose]());

test("a library's spans join the trace of the request that it works for", async () => {
  const { tracer, spans } = kept;
  const router = new Router()
    .use(tracing({ tracer }))
    .get("/plain", async () => json(await lookUp("a")))
    .get("/nested", (ctx) => span(ctx, "ours", async () => json(await lookUp("b"))));
  await using up = await serve(router);
  for (const path of ["/plain", "/nested"]) {
    const headers = (await (await fetch(up.server.url + path, { headers: sampled })).json()) as Record<string, string>;
    await until(() => spans.some(({ name }) => name === `GET ${path}`));
    const request = spans.find(({ name }) => name === `GET ${path}`);
    const ours = spans.find(({ name }) => name === "ours");
    const lookedUp = spans.find(({ attrs }) => attrs["key"] === (path === "/plain" ? "a" : "b"));
    const read = spans.find(({ parentId }) => parentId === lookedUp?.spanId);
    assert.ok(request !== undefined && lookedUp !== undefined && read !== undefined);
    assert.equal(lookedUp.parentId, path === "/plain" ? request.spanId : ours?.spanId);
    assert.deepEqual([lookedUp.traceId, lookedUp.name, lookedUp.kind], [ID, "look up", "internal"]);
    assert.deepEqual([lookedUp.status, lookedUp.statusMessage], ["error", "no"]);
    assert.equal(lookedUp.attrs["otel.scope.name"], "library");
    const [exception] = lookedUp.events;
    assert.deepEqual([exception?.attrs["exception.type"], exception?.attrs["exception.message"]], ["RangeError", "no"]);
    assert.deepEqual([read.name, read.kind, read.status], ["read", "client", "ok"]);
    assert.deepEqual(read.events[0]?.attrs, { n: 1 });
    assert.ok(read.endMs > lookedUp.startMs && read.startMs >= lookedUp.startMs - 60);
    assert.deepEqual(headers, { traceparent: `00-${ID}-${lookedUp.spanId}-01`, tracestate: "a=1" });
  }
});

test("requests at once are not mixed up", async () => {
  const { tracer, spans } = kept;
  await using up = await serve(
    new Router()
      .use(tracing({ tracer }))
      .get("/:key", async (_ctx, req) => json(await lookUp(req.params["key"] ?? ""))),
  );
  await Promise.all(Array.from({ length: 20 }, (_, i) => fetch(`${up.server.url}/${i}`).then((res) => res.text())));
  await until(() => spans.length === 60);
  for (const request of spans.filter(({ kind }) => kind === "server")) {
    const lookedUp = spans.filter(({ parentId }) => parentId === request.spanId);
    assert.deepEqual(
      lookedUp.map(({ attrs, traceId }) => [`/${String(attrs["key"])}`, traceId]),
      [[request.attrs["url.path"], request.traceId]],
    );
  }
});

test("what is not sampled stays so in the library", async () => {
  recorded = false;
  const { tracer, spans } = kept;
  await using up = await serve(new Router().use(tracing({ tracer })).get("/", async () => json(await lookUp("a"))));
  const headers = (await (await fetch(up.server.url, { headers: sampled })).json()) as Record<string, string>;
  assert.match(headers["traceparent"] ?? "", new RegExp(`^00-${ID}-[\\da-f]{16}-00$`));
  assert.deepEqual(spans, []);
});

test("outside of a request a trace begins, or goes on with what the library has read", async () => {
  const { spans } = kept;
  await lookUp("a");
  assert.deepEqual([spans.at(-1)?.name, spans.at(-1)?.parentId], ["look up", ""]);
  const remote = propagation.extract(ROOT_CONTEXT, sampled);
  await context.with(remote, () => lookUp("b"));
  const { traceId, parentId, remoteParent, state } = spans.at(-1)!;
  assert.deepEqual([traceId, parentId, remoteParent, state], [ID, PARENT, true, "a=1"]);
  assert.equal(propagation.extract(ROOT_CONTEXT, { traceparent: "00" }), ROOT_CONTEXT);
});

test("the API's own contexts are kept", () => {
  const tracer = trace.getTracer("t");
  span(kept.ctx, "ours", (_ctx, ours) => {
    const face = trace.getActiveSpan();
    assert.equal(face?.spanContext().spanId, ours.spanId);
    assert.equal(trace.getActiveSpan(), face, "a span has one face");
    const key = Symbol("key");
    context.with(context.active().setValue(key, 7), () => {
      assert.deepEqual([context.active().getValue(key), trace.getActiveSpan()], [7, face]);
      span(current()!, "inner", (_ctx, inner) => {
        assert.equal(inner.parentId, ours.spanId);
        assert.equal(context.active().getValue(key), 7);
        assert.equal(trace.getActiveSpan()?.spanContext().spanId, inner.spanId);
      });
    });
    context.with(ROOT_CONTEXT, () => {
      assert.equal(trace.getActiveSpan(), undefined);
      assert.equal(current()?.get(activeSpan)?.recording, false);
    });
    const later = context.bind(context.active(), (n: number) => [n, trace.getActiveSpan()]);
    assert.deepEqual(
      context.with(ROOT_CONTEXT, () => later(1)),
      [1, face],
    );
    const suppressed = context.active().setValue(Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING"), true);
    assert.equal(isSpanContextValid(tracer.startSpan("x", {}, suppressed).spanContext()), false);
    const root = tracer.startSpan("root", { root: true, links: [{ context: face.spanContext() }] });
    assert.notEqual(root.spanContext().traceId, ours.traceId);
    root.setAttributes({ list: [1, 2], mixed: [1, "a"], map: { a: 1 }, none: undefined }).updateName("renamed");
    root.end();
    const ended = kept.spans.at(-1)!;
    assert.deepEqual([ended.name, ended.links[0]?.spanId], ["renamed", ours.spanId]);
    assert.deepEqual(ended.attrs, { "otel.scope.name": "t", list: [1, 2], mixed: '[1,"a"]', map: '{"a":1}' });
  });
});

test("there is one provider, and it can be taken back", () => {
  assert.throws(() => registerOtel(kept.tracer), { code: "failed_precondition", reason: "trace/otel_registered" });
  registered[Symbol.dispose]();
  trace.getTracer("t").startSpan("x").end();
  assert.deepEqual(kept.spans, []);
  registered = registerOtel(kept.tracer);
});
