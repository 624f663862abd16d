import assert from "node:assert/strict";
import { openSync } from "node:fs";
import { test } from "node:test";
import { Failure } from "../errors/index.ts";
import { Router, text } from "../http/index.ts";
import { serve } from "../http/node/testing/setup.ts";
import { Registry, scrape } from "../metrics/index.ts";
import { metrics } from "./metrics.ts";
import { standard } from "./standard.ts";

const OPEN = "application/openmetrics-text";

/** counts gives the number of observations by "METHOD route status". */
function counts(registry: Registry): Record<string, number> {
  const line = /_count{http_route="(.*)",http_request_method="(\w+)",http_response_status_code="(\d+)"} (\d+)/g;
  const found = scrape(registry).body.matchAll(line);
  return Object.fromEntries(
    [...found].map(([, route, method, status, n]) => [`${method} ${route} ${status}`, Number(n)]),
  );
}

test("requests are counted by route and not by path, strangers' under one", async () => {
  const registry = new Registry();
  const router = new Router()
    .use(...standard({ accessLog: { fd: openSync("/dev/null", "a") }, metrics: registry, bodyLimitBytes: 3 }))
    .get("/users/:id", (_ctx, req) => text(req.params.id))
    .post("/users", async (_ctx, req) => text(await req.text()))
    .get("/broken", () => {
      throw new Failure("broken", { code: "unavailable" });
    });
  await using up = await serve(router);
  const requests: [method: string, path: string, body?: string][] = [
    ["GET", "/users/1"],
    ["GET", "/users/2"],
    ["HEAD", "/users/3"],
    ["POST", "/users", "long"],
    ["GET", "/broken"],
    ["DELETE", "/users/1"],
    ["PURGE", "/users/1"],
    ["GET", "/nowhere/1"],
    ["GET", "/nowhere/2"],
  ];
  for (const [method, path, body] of requests) {
    const res = await fetch(up.server.url + path, { method, ...(body === undefined ? {} : { body }) });
    await res.arrayBuffer();
  }
  // The end of an exchange is after its answer.
  await up.server[Symbol.asyncDispose]();
  assert.deepEqual(counts(registry), {
    "GET /users/:id 200": 2,
    "HEAD /users/:id 200": 1,
    "POST /users 413": 1,
    "GET /broken 503": 1,
    "DELETE /users/:id 405": 1,
    "_OTHER /users/:id 405": 1,
    "GET  404": 2,
  });
});

test("a sampled trace is an exemplar, another is not", async () => {
  const registry = new Registry();
  const router = new Router().use(...standard({ accessLog: { fd: openSync("/dev/null", "a") }, metrics: registry }));
  await using up = await serve(router.get("/", () => text("")));
  const sampled = "0af7651916cd43dd8448eb211c80319c";
  const dropped = "11111111111111111111111111111111";
  for (const traceparent of [`00-${sampled}-b7ad6b7169203331-01`, `00-${dropped}-b7ad6b7169203331-00`]) {
    await (await fetch(up.server.url, { headers: { traceparent } })).arrayBuffer();
  }
  await up.server[Symbol.asyncDispose]();
  const { body } = scrape(registry, OPEN);
  assert.match(body, new RegExp(`# {trace_id="${sampled}"} 0\\.`));
  assert.equal(body.includes(dropped), false);
});

test("two routers may count into one registry", () => {
  const registry = new Registry();
  metrics(registry);
  assert.doesNotThrow(() => metrics(registry));
});
