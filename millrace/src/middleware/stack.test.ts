import assert from "node:assert/strict";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Ctx, ctxKey, sleep } from "../context/index.ts";
import { Router, json, text } from "../http/index.ts";
import { serve } from "../http/node/testing/setup.ts";
import { accessLog } from "./access-log.ts";
import { bearer } from "./bearer.ts";
import { bodyLimit } from "./body-limit.ts";
import { clientIp } from "./client-ip.ts";
import { cors } from "./cors.ts";
import { rateLimit } from "./rate-limit.ts";
import { requestId } from "./request-id.ts";
import { securityHeaders } from "./security-headers.ts";
import { timeout } from "./timeout.ts";

test("the whole stack over a real server", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "millrace-stack-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "access.log");
  const user = ctxKey<string>("user");
  const app = new Router().use(
    requestId(),
    clientIp({ trusted: ["127.0.0.1"] }),
    accessLog({ fd: openSync(file, "a") }),
    timeout(200),
    cors({ origins: ["https://app.example.com"] }),
    securityHeaders(),
    bodyLimit(10),
    rateLimit({ requests: 7 }),
    bearer(user, (_ctx, token) => (token === "good" ? "john" : undefined)),
  );
  app.get("/users/:id", (ctx, req) => json({ id: req.params.id, user: ctx.get(user) }));
  app.post("/echo", async (_ctx, req) => text(await req.text()));
  app.get("/slow", async (ctx: Ctx) => {
    await sleep(ctx, 60_000);
    return text("never");
  });
  await using up = await serve(app);
  const headers = { authorization: "Bearer good", "x-request-id": "from-the-client" };
  const cases: { name: string; path: string; init: RequestInit; status: number }[] = [
    { name: "an answer", path: "/users/1", init: { headers }, status: 200 },
    { name: "no token", path: "/users/1", init: {}, status: 401 },
    { name: "a large body", path: "/echo", init: { method: "POST", headers, body: "a".repeat(11) }, status: 413 },
    { name: "too slow", path: "/slow", init: { headers }, status: 504 },
    { name: "an unknown path", path: "/nope", init: { headers }, status: 404 },
    { name: "a wrong method", path: "/users/1", init: { method: "PUT", headers }, status: 405 },
    { name: "one more", path: "/users/1", init: { headers }, status: 200 },
    {
      name: "too many",
      path: "/users/1",
      init: { headers: { ...headers, "x-forwarded-for": "127.0.0.1" } },
      status: 429,
    },
    {
      name: "another client",
      path: "/users/1",
      init: { headers: { ...headers, "x-forwarded-for": "203.0.113.9" } },
      status: 200,
    },
  ];
  for (const { name, path, init, status } of cases) {
    const res = await fetch(up.server.url + path, init);
    await res.text();
    assert.equal(res.status, status, name);
    assert.equal(res.headers.get("x-content-type-options"), "nosniff", name);
    assert.match(res.headers.get("vary") ?? "", /origin/, name);
    if (init.headers !== undefined) assert.equal(res.headers.get("x-request-id"), "from-the-client", name);
  }
  const preflight = await fetch(`${up.server.url}/users/1`, {
    method: "OPTIONS",
    headers: { origin: "https://app.example.com", "access-control-request-method": "PUT" },
  });
  assert.equal(preflight.headers.get("access-control-allow-origin"), "https://app.example.com");
  for (const end = performance.now() + 2000; readFileSync(file, "utf8").split("\n").length < cases.length + 2;) {
    assert.ok(performance.now() < end, "not all lines in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const lines = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map((line) => line["status"]),
    [...cases.map((c) => c.status), 204],
  );
  assert.equal(lines[8]?.["client_ip"], "203.0.113.9");
  assert.equal(lines[0]?.["route"], "/users/:id");
});
