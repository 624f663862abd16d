import assert from "node:assert/strict";
import { openSync } from "node:fs";
import { test } from "node:test";
import { Failure } from "../errors/index.ts";
import { newClient } from "../http/client/index.ts";
import { until } from "../http/client/testing/upstream.ts";
import { Router, json } from "../http/index.ts";
import { serve } from "../http/node/testing/setup.ts";
import { logAttrs } from "../log/index.ts";
import { clientTracing } from "../trace/http/index.ts";
import { activeSpan, baggage, formatBaggage, span } from "../trace/index.ts";
import { memory } from "../trace/testing/memory.ts";
import { baggageContext, standard, tracing } from "./index.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const sampled = { traceparent: `00-${ID}-${PARENT}-01` };
const quiet = { accessLog: { fd: openSync("/dev/null", "a") } };

test("a request is a span of its caller's trace, and what it does is below it", async () => {
  const { tracer, spans } = memory();
  const router = new Router().use(...standard({ ...quiet, tracing: { tracer } })).get("/users/:id", (ctx, req) =>
    span(ctx, "find", (inner) => {
      const own = ctx.get(activeSpan);
      assert.deepEqual(ctx.get(logAttrs), { request_id: req.requestId, trace_id: ID, span_id: own?.spanId });
      assert.notEqual(inner.get(logAttrs)?.["span_id"], own?.spanId);
      return json({ id: req.params.id });
    }),
  );
  await using up = await serve(router);
  const { port } = new URL(up.server.url);
  const res = await fetch(`${up.server.url}/users/7?secret=1`, { headers: { ...sampled, "user-agent": "test" } });
  assert.equal(await res.text(), `{"id":"7"}`);
  await until(() => spans.length === 2);
  const [find, request] = spans;
  assert.deepEqual([find?.parentId, find?.traceId], [request?.spanId, ID]);
  assert.ok(request !== undefined);
  assert.deepEqual([request.name, request.kind, request.status], ["GET /users/:id", "server", "unset"]);
  assert.deepEqual([request.parentId, request.remoteParent], [PARENT, true]);
  assert.deepEqual(request.attrs, {
    "http.request.method": "GET",
    "http.route": "/users/:id",
    "url.path": "/users/7",
    "url.scheme": "http",
    "server.address": "127.0.0.1",
    "server.port": Number(port),
    "network.peer.address": "127.0.0.1",
    "client.address": "127.0.0.1",
    "user_agent.original": "test",
    "http.response.status_code": 200,
    "http.response.body.size": 10,
  });
});

const answers = [
  { name: "a failure of the client's", code: "not_found", http: 404, status: "unset", type: undefined, events: 0 },
  { name: "a failure of the server's", code: "internal", http: 500, status: "error", type: "internal", events: 1 },
  { name: "an answer", code: undefined, http: 503, status: "error", type: "503", events: 0 },
] as const;
for (const { name, code, http, status, type, events } of answers) {
  for (const how of ["at once", "later"]) {
    test(`${name}, ${how}, has the status ${status}`, async () => {
      const { tracer, spans } = memory();
      const answer = () => {
        if (code !== undefined) throw new Failure("no", { code });
        return json({}, { status: http });
      };
      const handler = how === "later" ? async () => answer() : answer;
      await using up = await serve(new Router().use(tracing({ tracer })).get("/", handler));
      assert.equal((await fetch(up.server.url)).status, http);
      await until(() => spans.length === 1);
      const [ended] = spans;
      assert.deepEqual([ended?.status, ended?.attrs["error.type"], ended?.events.length], [status, type, events]);
      assert.equal(ended?.attrs["http.response.status_code"], http);
    });
  }
}

test("a path without a route, and a method that nobody knows, make no names", async () => {
  const { tracer, spans } = memory();
  await using up = await serve(new Router().use(tracing({ tracer, scheme: "https" })).get("/", () => json(1)));
  await fetch(`${up.server.url}/no/such`);
  await fetch(up.server.url, { method: "PROPFIND" });
  await until(() => spans.length === 2);
  assert.deepEqual(
    spans.map(({ name }) => name.split(" ")[0]),
    ["GET", "HTTP"],
  );
  assert.equal(spans[0]?.attrs["http.route"], undefined);
  const { "http.request.method": method, "http.request.method_original": original } = spans[1]!.attrs;
  assert.deepEqual([method, original], ["_OTHER", "PROPFIND"]);
  assert.equal(spans[0]?.attrs["url.scheme"], "https");
});

test("a client's requests are spans, and the next server's are below them", async () => {
  const { tracer, spans } = memory();
  let asked = 0;
  const inner = new Router().use(tracing({ tracer }), baggageContext()).get("/inner", (ctx) => {
    if (++asked === 1) return json({}, { status: 503 });
    return json(formatBaggage(ctx.get(baggage)));
  });
  await using last = await serve(inner);
  await using client = newClient({ baseUrl: last.server.url, hooks: clientTracing() });
  await using first = await serve(
    new Router()
      .use(tracing({ tracer }), baggageContext())
      .get("/", async (ctx) => json(await client.get(ctx, "/inner?secret=1"))),
  );
  const res = await fetch(first.server.url, { headers: { ...sampled, baggage: "a=1, b=2;p" } });
  assert.equal(await res.json(), "a=1,b=2;p");
  await until(() => spans.length === 5);
  const top = spans.find(({ parentId }) => parentId === PARENT);
  const calls = spans.filter(({ kind }) => kind === "client");
  assert.deepEqual(
    calls.map(({ parentId, status, attrs }) => [parentId, status, attrs["http.response.status_code"]]),
    [
      [top?.spanId, "error", 503],
      [top?.spanId, "unset", 200],
    ],
  );
  assert.equal(calls[0]?.name, "GET");
  assert.equal(calls[0]?.attrs["url.full"], `${last.server.url}/inner`);
  const answered = spans.filter(({ name }) => name === "GET /inner");
  assert.deepEqual(
    answered.map(({ parentId }) => parentId),
    calls.map(({ spanId }) => spanId),
    "each attempt is its server's parent",
  );
});

test("a request that fails is a span that says why", async () => {
  const { ctx, spans } = memory();
  const gone = await serve(new Router());
  const baseUrl = gone.server.url;
  await gone[Symbol.asyncDispose]();
  await using client = newClient({ baseUrl, retry: false, hooks: clientTracing() });
  await assert.rejects(client.fetch(ctx, "/"));
  assert.deepEqual([spans.length, spans[0]?.status], [1, "error"]);
  assert.match(String(spans[0]?.attrs["error.type"]), /^http\//);
});

test("what is not sampled is passed on as such, and nothing is recorded", async () => {
  const { tracer, spans } = memory(() => false);
  await using last = await serve(new Router().get("/", (_ctx, req) => json(req.header("traceparent"))));
  await using client = newClient({ baseUrl: last.server.url, hooks: clientTracing() });
  await using first = await serve(
    new Router().use(tracing({ tracer })).get("/", async (ctx, req) => {
      assert.deepEqual(ctx.get(logAttrs), { request_id: req.requestId, trace_id: ID });
      return json(await span(ctx, "x", (ctx) => client.get(ctx, "/")));
    }),
  );
  const told = await (await fetch(first.server.url, { headers: sampled })).json();
  assert.match(String(told), new RegExp(`^00-${ID}-(?!${PARENT})[\\da-f]{16}-00$`));
  assert.deepEqual(spans, []);
});

test("hooks that throw harm nobody", async () => {
  const broken = (): never => {
    throw new Error("a broken metric");
  };
  await using up = await serve(new Router().get("/", () => json(1)));
  for (const request of [broken, () => ({ end: broken })]) {
    await using client = newClient({ baseUrl: up.server.url, hooks: { request } });
    const { ctx } = memory();
    assert.equal(await client.get(ctx, "/"), 1);
  }
});
