import assert from "node:assert/strict";
import { test } from "node:test";
import { background, withTimeout, withValue } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { logAttrs, withLogAttrs } from "../log/index.ts";
import { activeSpan, newTracer, span, startSpan, traceparent, tracestate, withTracer } from "./index.ts";
import { memory } from "./testing/memory.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

test("spans form a tree by their contexts", async () => {
  const { ctx, spans } = memory();
  const before = Date.now();
  const got = await span(ctx, "outer", async (ctx, outer) => {
    using inner = startSpan(withTimeout(ctx, 1000), "inner", { kind: "client", attrs: { n: 1, none: undefined } });
    assert.equal(inner.ctx.get(activeSpan), inner);
    assert.equal(inner.ctx.deadline !== undefined, true, "a span's context ends with that of its parent");
    await span(inner.ctx, "innermost", () => Promise.resolve());
    outer.set("late", [1, 2]).rename("renamed");
    return 7;
  });
  assert.equal(got, 7);
  const [innermost, inner, outer] = spans;
  assert.ok(innermost !== undefined && inner !== undefined && outer !== undefined && spans.length === 3);
  assert.deepEqual([outer.name, outer.parentId, outer.kind, outer.status], ["renamed", "", "internal", "unset"]);
  assert.deepEqual([inner.name, inner.parentId, inner.kind], ["inner", outer.spanId, "client"]);
  assert.deepEqual([innermost.parentId, innermost.remoteParent], [inner.spanId, false]);
  assert.deepEqual([inner.attrs, outer.attrs], [{ n: 1 }, { late: [1, 2] }]);
  for (const { traceId, spanId, flags, startMs, endMs } of spans) {
    assert.match(`${traceId} ${spanId}`, /^[\da-f]{32} [\da-f]{16}$/);
    assert.deepEqual([traceId, flags], [outer.traceId, "01"]);
    assert.ok(startMs >= before - 60 && startMs <= endMs && endMs <= Date.now() + 60);
  }
  assert.equal(new Set(spans.map((one) => one.spanId)).size, 3);
});

const failures = [
  { name: "a failure", err: new Failure("sql: x", { code: "not_found", reason: "sql/no_rows" }), type: "sql/no_rows" },
  { name: "an error", err: new TypeError("sql: x"), type: "TypeError" },
  {
    name: "an error of a failure",
    err: new Error("sql: x", { cause: new Failure("", { code: "internal" }) }),
    type: "internal",
  },
  { name: "a cancel", err: new Failure("sql: x", { code: "canceled" }), type: "canceled", status: "unset" },
  { name: "no error at all", err: "sql: x", type: "string" },
];
for (const { name, err, type, status = "error" } of failures) {
  for (const how of ["thrown", "rejected"]) {
    test(`${name}, ${how}, is noted and goes on`, async () => {
      const { ctx, spans } = memory();
      const run = (): unknown =>
        span(ctx, "fails", () => {
          if (how === "thrown") throw err;
          return Promise.reject(err);
        });
      await assert.rejects(
        async () => run(),
        (thrown) => thrown === err,
      );
      const [ended] = spans;
      assert.deepEqual([ended?.status, ended?.attrs["error.type"]], [status, type]);
      assert.equal(ended?.statusMessage, status === "error" ? "sql: x" : "");
      assert.equal(ended?.events[0]?.name, "exception");
      assert.equal(ended?.events[0]?.attrs["exception.message"], "sql: x");
    });
  }
}

test("a span that is over stays as it was", () => {
  const { ctx, spans } = memory();
  const one = startSpan(ctx, "one").mark("error", "no").mark("ok").mark("error", "late").event("was", { a: true });
  one.end();
  one.end();
  one.set("a", 1).rename("two").event("e").link(one).mark("error").fail(new Error("x"));
  assert.equal(spans.length, 1);
  const { name, attrs, events, links, status, statusMessage } = spans[0]!;
  assert.deepEqual([name, attrs, links, status, statusMessage], ["one", {}, [], "ok", ""]);
  assert.deepEqual(
    events.map((event) => [event.name, event.attrs]),
    [["was", { a: true }]],
  );
});

test("what a span holds is bounded, and what did not fit is counted", () => {
  const { ctx, spans } = memory();
  const links = [{ traceId: ID, spanId: PARENT, parentId: "", flags: "01", state: "a=1" }];
  const one = startSpan(ctx, "one", { links });
  const many = Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`k${i}`, i]));
  for (const [name, value] of Object.entries(many)) one.set(name, value);
  one.set("k0", "x".repeat(5000));
  for (let i = 0; i < 130; i++) one.event("e", i === 0 ? many : undefined).link(one);
  one.end();
  const ended = spans[0]!;
  assert.deepEqual([Object.keys(ended.attrs).length, ended.droppedAttrs], [128, 2]);
  assert.equal(String(ended.attrs["k0"]).length, 4096);
  assert.deepEqual([ended.events.length, ended.droppedEvents], [128, 2]);
  assert.equal(ended.events[0]?.droppedAttrs, 2);
  assert.deepEqual([ended.links.length, ended.droppedLinks], [128, 3]);
  assert.deepEqual([ended.links[0]?.traceId, ended.links[0]?.state], [ID, "a=1"]);
});

test("a trace that comes in goes on, and log lines and requests tell of it", () => {
  const { ctx, spans } = memory();
  const inside = withValue(withValue(ctx, traceparent, `00-${ID}-${PARENT}-01`), tracestate, "a=1");
  using one = startSpan(withLogAttrs(inside, { request_id: "r" }), "one");
  assert.equal(one.ctx.get(traceparent), `00-${ID}-${one.spanId}-01`);
  assert.equal(one.ctx.get(tracestate), "a=1");
  assert.deepEqual(one.ctx.get(logAttrs), { request_id: "r", trace_id: ID, span_id: one.spanId });
  using two = startSpan(withLogAttrs(one.ctx, { x: 1 }), "two");
  assert.deepEqual(two.ctx.get(logAttrs), { request_id: "r", x: 1, trace_id: ID, span_id: two.spanId });
  two.end();
  one.end();
  assert.deepEqual([spans[1]?.parentId, spans[1]?.remoteParent, spans[1]?.state], [PARENT, true, "a=1"]);
});

test("an unsampled trace is decided once, and goes out as not sampled", async () => {
  let asked = 0;
  const { ctx, spans } = memory(() => ++asked > 1);
  await span(ctx, "root", async (ctx, root) => {
    assert.equal(root.recording, false);
    assert.match(ctx.get(traceparent) ?? "", new RegExp(`^00-${root.traceId}-${root.spanId}-00$`));
    assert.deepEqual(ctx.get(logAttrs), { trace_id: root.traceId });
    using child = startSpan(ctx, "child");
    assert.deepEqual([child.recording, child.traceId, child.ctx], [false, root.traceId, ctx]);
    child.set("a", 1).rename("b").event("e").link(child).fail(new Error("x")).mark("ok").end();
    await assert.rejects(async () => span(ctx, "fails", () => Promise.reject(new Error("x"))), { message: "x" });
  });
  assert.deepEqual([asked, spans.length], [1, 0]);
});

test("without a tracer nothing is told", () => {
  using one = startSpan(background, "one");
  assert.deepEqual([one.recording, one.traceId, one.ctx], [false, "", background]);
  assert.equal(one.ctx.get(traceparent), undefined);
  assert.equal(
    span(background, "two", () => 2),
    2,
  );
});

test("an exporter that throws breaks nothing", () => {
  const tracer = newTracer({
    sampler: () => true,
    exporter: {
      export: () => {
        throw new Error("full");
      },
    },
  });
  assert.equal(
    span(withTracer(background, tracer), "x", () => 1),
    1,
  );
});
