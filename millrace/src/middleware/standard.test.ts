import assert from "node:assert/strict";
import { openSync } from "node:fs";
import { test } from "node:test";
import { Router, json, text } from "../http/index.ts";
import { serve } from "../http/node/testing/setup.ts";
import { type StandardDeps, standard } from "./standard.ts";

const quiet = { accessLog: { fd: openSync("/dev/null", "a") } };

test("every answer, refusals too, has what every answer must have", async (t) => {
  const deps: StandardDeps = {
    ...quiet,
    cors: { origins: ["https://app.example.com"] },
    clientIp: { trusted: ["127.0.0.1"] },
    rateLimit: { requests: 6 },
    inFlightLimit: { limit: 10 },
    bodyLimitBytes: 10,
  };
  const router = new Router()
    .use(...standard(deps))
    .get("/", () => json({ text: "a".repeat(2000) }))
    .post("/", async (_ctx, req) => text(await req.text()));
  await using up = await serve(router);
  const app = "https://app.example.com";
  const cases: { name: string; init: RequestInit; status: number }[] = [
    { name: "an answer", init: {}, status: 200 },
    { name: "a listed origin may post", init: { method: "POST", body: "a", headers: { origin: app } }, status: 200 },
    { name: "another may not", init: { method: "POST", headers: { origin: "https://x.example" } }, status: 403 },
    { name: "a large body", init: { method: "POST", body: "a".repeat(11) }, status: 413 },
    { name: "no time left", init: { headers: { "x-server-timeout": "0" } }, status: 504 },
    { name: "a wrong method", init: { method: "PUT" }, status: 405 },
    { name: "one more", init: {}, status: 200 },
    { name: "one more", init: {}, status: 200 },
    { name: "too many", init: {}, status: 429 },
  ];
  for (const { name, init, status } of cases) {
    await t.test(name, async () => {
      const headers = new Headers(init.headers);
      headers.set("accept-encoding", "gzip");
      const res = await fetch(up.server.url, { ...init, headers });
      const body = await res.text();
      assert.equal(res.status, status, body);
      assert.ok((res.headers.get("x-request-id") ?? "").length > 8);
      assert.equal(res.headers.get("x-content-type-options"), "nosniff");
      assert.equal(res.headers.get("vary"), "origin, accept-encoding");
      if (status === 200 && init.method === undefined) assert.match(res.headers.get("etag")!, /^W\//);
    });
  }
});

test("it works with nothing said", async () => {
  await using up = await serve(new Router().use(...standard(quiet)).get("/", () => text("ok")));
  const res = await fetch(up.server.url);
  assert.equal(await res.text(), "ok");
  assert.equal((await fetch(up.server.url, { headers: { "if-none-match": res.headers.get("etag")! } })).status, 304);
});
