import assert from "node:assert/strict";
import { test } from "node:test";
import { Script } from "node:vm";
import { z } from "zod";
import { Router, endpoint, json } from "../http/index.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { securityHeaders } from "../middleware/index.ts";
import type { OpenApiDocument } from "./document.ts";
import { page } from "./page.ts";
import { SCRIPT } from "./page-script.ts";
import { serveOpenapi } from "./serve.ts";

const info = { title: "test", version: "1" };
const ask = (router: Router, url: string, headers: Record<string, string> = {}) =>
  new FakeExchange({ url, headers }).call(router.handler());
const headOf = (reply: { head: string[] | null }, name: string): string | undefined => {
  const head = reply.head ?? [];
  return head[head.indexOf(name) + 1];
};

test("the document holds all routes, also those that come later, and is not sent to whoever has it", async () => {
  const router = new Router().use(securityHeaders());
  serveOpenapi(router, { info });
  router.get(
    "/late",
    endpoint({}, () => json(1)),
  );
  const reply = await ask(router, "/openapi.json");
  assert.equal(reply.type, "application/json");
  // The router has just written it.
  const document = JSON.parse(String(reply.body)) as OpenApiDocument;
  assert.deepEqual([document.openapi, Object.keys(document.paths)], ["3.1.1", ["/late"]]);
  const etag = headOf(reply, "etag")!;
  for (const [sent, status] of [
    [etag, 304],
    [`"x", W/${etag}`, 304],
    ["*", 304],
    ['"x"', 200],
  ] as const) {
    assert.equal((await ask(router, "/openapi.json", { "if-none-match": sent })).status, status, sent);
  }
});

test("what cannot be expressed fails when the router is compiled, which is at the start", () => {
  const router = new Router();
  serveOpenapi(router, { info });
  router.get(
    "/x",
    endpoint({ responses: { 200: z.date() } }, () => json(1)),
  );
  assert.throws(() => router.handler(), { reason: "openapi/not_expressible" });
});

test("paths can be others, the page can be left out", async () => {
  const router = new Router();
  serveOpenapi(router, { info, path: "/api/spec.json", docs: "/api/v1/help" });
  assert.match(String((await ask(router, "/api/v1/help")).body), /href="\.\.\/\.\.\/api\/spec\.json"/);
  const inner = new Router().route("/in/side", (r) => serveOpenapi(r, { info }));
  assert.match(String((await ask(inner, "/in/side/docs")).body), /href="openapi\.json" data-root="\.\.\/\.\.\/"/);
  const bare = new Router();
  serveOpenapi(bare, { info, docs: false });
  assert.deepEqual(
    bare.routes().map((route) => route.pattern),
    ["/openapi.json"],
  );
});

test("the page is one small file that may run only itself and talk only to the API", async () => {
  const router = new Router().use(securityHeaders());
  serveOpenapi(router, { info, servers: [{ url: "https://api.example.com/v1" }, { url: "/v2" }] });
  const reply = await ask(router, "/docs");
  const body = String(reply.body);
  assert.ok(body.length < 40_000, `${body.length} bytes`);
  assert.doesNotMatch(body, /(?:src|href)="(?:https?:)?\/\//);
  const policy = headOf(reply, "content-security-policy")!;
  assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+';/);
  assert.match(policy, /; connect-src 'self' https:\/\/api\.example\.com;/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.doesNotThrow(() => new Script(`(async () => {${SCRIPT}})`));
  // What would end the element or hide in the template has no place in the script.
  assert.doesNotMatch(SCRIPT, /<\/script|<!--/i);
  assert.match(page({ document: 'a"b', root: "", origins: [] }).html, /href="a%22b" data-root=""/);
});
