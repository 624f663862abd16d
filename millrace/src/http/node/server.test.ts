import assert from "node:assert/strict";
import { test } from "node:test";
import { background, ctxKey, withValue } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { logAttrs } from "../../log/attrs.ts";
import { Reply, json, noContent, stream, text } from "../reply.ts";
import { Router } from "../router.ts";
import { middleware } from "../traits.ts";
import { listen } from "./listen.ts";
import { rawClient } from "./testing/raw-client.ts";
import { serve } from "./testing/setup.ts";

const router = new Router()
  .get("/users/:id", (_ctx, req) => json({ id: req.params.id }))
  .get("/later", async () => {
    await Promise.resolve();
    return text("later");
  })
  .get("/utf8", () => text("é€😀"))
  .get("/utf8-head", () => text("é€").header("x-a", "\xe9"))
  .get("/bytes", () => new Reply(200, "application/octet-stream", Buffer.from([0, 255, 1])))
  .get("/empty", () => noContent())
  .get(
    "/native",
    () =>
      new Response("native", {
        status: 203,
        headers: [
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ],
      }),
  )
  .get("/stream", () => stream(new Blob(["streamed"]).stream()))
  .post("/echo", async (_ctx, req) => text(`${req.query.get("q")}:${await req.text()}`))
  .post("/web", async (_ctx, req) => new Response(await req.web.text(), { headers: { "x-url": req.web.url } }));

test("the server answers", async (t) => {
  await using up = await serve(router);
  const { url } = up.server;
  const cases: {
    path: string;
    status?: number;
    body: string;
    headers?: Record<string, string | null>;
    init?: RequestInit;
  }[] = [
    { path: "/users/42", body: '{"id":"42"}', headers: { "content-type": "application/json", "content-length": "11" } },
    { path: "/users/a%20b", body: '{"id":"a b"}' },
    { path: "/later", body: "later" },
    { path: "/utf8", body: "é€😀", headers: { "content-length": "9" } },
    { path: "/utf8-head", body: "é€", headers: { "x-a": "é" } },
    { path: "/bytes", body: "\0\ufffd\u0001", headers: { "content-length": "3" } },
    { path: "/empty", status: 204, body: "", headers: { "content-length": null } },
    { path: "/native", status: 203, body: "native", headers: { "set-cookie": "a=1, b=2" } },
    { path: "/stream", body: "streamed", headers: { "transfer-encoding": "chunked" } },
    { path: "/echo?q=1", body: "1:hällo", init: { method: "POST", body: "hällo" } },
    { path: "/web?x=y", body: "body", headers: { "x-url": `${url}/web?x=y` }, init: { method: "POST", body: "body" } },
    { path: "/users/42", body: "", headers: { "content-length": "11" }, init: { method: "HEAD" } },
    { path: "/stream", body: "", init: { method: "HEAD" } },
  ];
  for (const { path, status = 200, body, headers = {}, init } of cases) {
    await t.test(`${init?.method ?? "GET"} ${path}`, async () => {
      const res = await fetch(url + path, init);
      assert.equal(res.status, status);
      assert.equal(await res.text(), body);
      for (const [name, value] of Object.entries(headers)) assert.equal(res.headers.get(name), value, name);
      assert.ok(Math.abs(Date.parse(res.headers.get("date") ?? "") - Date.now()) < 2000);
    });
  }
  assert.equal(up.server.inFlight, 0);
  assert.deepEqual(up.logged, []);
});

test("errors leave as problems; a 5xx is logged once with its cause, and nothing of it leaks", async (t) => {
  const secret = new Error("password is hunter2");
  const failing = new Router()
    .get("/sync", () => {
      throw secret;
    })
    .get("/async", async () => {
      throw secret;
    })
    .get("/down", () => {
      throw new Failure("sql: no connection to db-7", { code: "unavailable", reason: "sql/down", cause: secret });
    })
    .get("/missing", () => {
      throw new Failure("get user", { code: "not_found", reason: "user/missing", detail: "No such user." });
    })
    // What a caller in JavaScript can do.
    .get("/nothing", () => undefined as unknown as Reply)
    .get("/bad-status", () => new Reply(99, "", null))
    .get("/bigint", () => json({ a: 1n }))
    .get("/bad-header", (_ctx, req) => text("x").header("x-a", `${req.query.get("v")}`));
  await using up = await serve(failing);
  const cases = [
    { path: "/sync", status: 500, reason: "internal", logged: 1 },
    { path: "/async", status: 500, reason: "internal", logged: 1 },
    { path: "/down", status: 503, reason: "sql/down", logged: 1 },
    { path: "/missing", status: 404, reason: "user/missing", logged: 0 },
    { path: "/nothing", status: 500, reason: "internal", logged: 1 },
    { path: "/bad-status", status: 500, reason: "internal", logged: 1 },
    { path: "/bigint", status: 500, reason: "internal", logged: 1 },
    { path: "/bad-header?v=a%0d%0aset-cookie:x", status: 500, reason: "internal", logged: 1 },
    { path: "/unknown", status: 404, reason: "http/not_found", logged: 0 },
  ];
  for (const { path, status, reason, logged } of cases) {
    await t.test(path, async () => {
      up.logged.length = 0;
      const res = await fetch(up.server.url + path);
      const body = await res.text();
      assert.equal(res.status, status);
      assert.equal(res.headers.get("content-type"), "application/problem+json");
      assert.equal(res.headers.get("set-cookie"), null);
      assert.doesNotMatch(body, /hunter2|db-7|node:|\.ts/);
      const problem = JSON.parse(body) as Record<string, unknown>;
      assert.equal(problem["reason"], reason);
      assert.match(String(problem["request_id"]), /^[\w-]{12,}$/);
      assert.equal(up.logged.length, logged);
    });
  }
  assert.equal((await fetch(`${up.server.url}/missing`)).status, 404);
});

test("a header set ahead is on every answer, a Reply's own wins, and static ones give way to both", async () => {
  const app = new Router().use(
    middleware({ headers: { "x-static": "s", "x-frame-options": "DENY", vary: "origin" } }, (next) => (ctx, req) => {
      req.setHeader("x-ahead", "a");
      req.setHeader("x-both", "a");
      return next(ctx, req);
    }),
  );
  app.get("/", () => text("x").header("x-both", "r").header("x-frame-options", "SAMEORIGIN").header("vary", "accept"));
  await using up = await serve(app);
  const ok = await fetch(up.server.url);
  assert.deepEqual(
    ["x-static", "x-ahead", "x-both", "x-frame-options", "vary"].map((name) => ok.headers.get(name)),
    ["s", "a", "r", "SAMEORIGIN", "accept, origin"],
  );
  const missing = await fetch(`${up.server.url}/nope`);
  assert.deepEqual(
    ["x-static", "x-ahead", "x-frame-options"].map((name) => missing.headers.get(name)),
    ["s", "a", "DENY"],
  );
});

test("onFinish hooks see the outcome; one that throws is logged", async () => {
  const seen: unknown[] = [];
  const app = new Router().use(
    middleware({
      onFinish: (_ctx, req, outcome) => {
        seen.push([req.pattern, outcome.status, outcome.sentBytes, outcome.durationMs >= 0, outcome.endedAt > 1e12]);
        throw new Error("hook");
      },
    }),
  );
  app.get("/a/:b", () => text("four"));
  await using up = await serve(app);
  await (await fetch(`${up.server.url}/a/1`)).text();
  await (await fetch(`${up.server.url}/nope`)).text();
  assert.deepEqual(seen[0], ["/a/:b", 200, 4, true, true]);
  assert.deepEqual((seen[1] as unknown[]).slice(0, 2), ["", 404]);
  assert.equal(up.logged.length, 2);
});

test("a request's context has listen's values and the request's id, and ends with the exchange", async () => {
  const key = ctxKey("test", 0);
  const seen: { value?: number; attrs?: unknown; err?: unknown; requestId?: string } = {};
  let last = background;
  await using server = await listen(withValue(background, key, 7), {
    addr: "127.0.0.1:0",
    idleGraceMs: 50,
    handler: (ctx, req) => {
      last = ctx;
      seen.value = ctx.get(key);
      seen.attrs = ctx.get(logAttrs);
      seen.requestId = req.requestId;
      seen.err = ctx.err;
      return text("");
    },
  });
  await (await fetch(server.url)).text();
  assert.deepEqual(seen, {
    value: 7,
    attrs: { request_id: seen.requestId },
    err: undefined,
    requestId: seen.requestId,
  });
  assert.equal(last.err?.code, "canceled");
  assert.equal((last.cause as Failure).reason, "http/exchange_over");
});

test("pipelined requests are answered in order, whichever is ready first", async () => {
  const app = new Router().get("/:n", async (_ctx, req) => {
    const n = Number(req.params.n);
    // The later ones are ready first.
    for (let i = 0; i < 5 - n; i++) await new Promise((resolve) => void setImmediate(resolve));
    return text(`<${n}>`);
  });
  await using up = await serve(app);
  using client = await rawClient(up.server.addr);
  client.send([1, 2, 3, 4].map((n) => `GET /${n} HTTP/1.1\r\nhost: x\r\n\r\n`).join(""));
  const received = await client.until(/<4>/);
  assert.deepEqual(received.match(/<\d>/g), ["<1>", "<2>", "<3>", "<4>"]);
});

test("HTTP/1.0 gets its answer and its connection closed, or kept where it asks", async () => {
  await using up = await serve(router);
  using once = await rawClient(up.server.addr);
  once.send("GET /users/1 HTTP/1.0\r\n\r\n");
  assert.match(await once.end(), /connection: close\r\n\r\n\{"id":"1"\}$/);
  using kept = await rawClient(up.server.addr);
  kept.send("GET /users/1 HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
  assert.match(await kept.until(/"1"/), /connection: keep-alive\r\n/);
  using streamed = await rawClient(up.server.addr);
  streamed.send("GET /stream HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
  assert.match(await streamed.end(), /connection: close\r\n\r\nstreamed$/);
});

test("listen refuses what it cannot do", async () => {
  await using up = await serve(router);
  const handler = (): Reply => text("");
  await assert.rejects(listen(background, { addr: up.server.addr, handler }), { reason: "http/listen" });
  await assert.rejects(listen(background, { addr: "nowhere", handler }), /addr must be "host:port"/);
  await assert.rejects(
    listen(background, { addr: "127.0.0.1:0", handler, bodyLimit: -1 }),
    /bodyLimit must be .* not -1/,
  );
});

test("a request that makes no native Request is a 400", async () => {
  await using up = await serve(router);
  for (const host of ["a b", "user:pw@x", "x:99999"]) {
    using client = await rawClient(up.server.addr);
    client.send(`POST /web HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 1\r\n\r\nx`);
    assert.match(await client.until(/\}$/), /^HTTP\/1\.1 400 [^]*http\/bad_request/, host);
  }
});
