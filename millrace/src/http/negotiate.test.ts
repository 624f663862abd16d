import assert from "node:assert/strict";
import { test } from "node:test";
import { Router, accepts, byMediaType, json, text } from "./index.ts";
import { serve } from "./node/testing/setup.ts";
import { FakeExchange } from "./testing/fake-exchange.ts";

test("accepts chooses as RFC 9110 says", async (t) => {
  const offered = ["application/json", "text/html", "text/html;level=1", "image/png"] as const;
  const cases: [accept: string | undefined, want: string | undefined][] = [
    [undefined, "application/json"],
    ["", "application/json"],
    ["*/*", "application/json"],
    ["text/html", "text/html"],
    ["TEXT/HTML", "text/html"],
    ["text/*", "text/html"],
    ["text/*;q=0.5, image/png", "image/png"],
    ["text/html;q=0, text/*", undefined],
    ["text/html;level=1, text/html;q=0.5", "text/html;level=1"],
    ["application/json;q=0.1, text/html;q=0.2", "text/html"],
    ["*/*, application/json;q=0", "text/html"],
    ["text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "text/html"],
    ["application/xml", undefined],
    ["application/json;q=0", undefined],
    ["application/json;q=nonsense", undefined],
    ["nonsense", undefined],
    [`${"a/b,".repeat(64)}text/html`, undefined],
  ];
  for (const [accept, want] of cases) {
    await t.test(String(accept).slice(0, 60), () => {
      const req = new FakeExchange({ headers: accept === undefined ? {} : { accept } });
      if (want !== undefined) assert.equal(accepts(req, offered), want);
      else assert.throws(() => accepts(req, offered), { reason: "http/not_acceptable" });
    });
  }
});

test("an API has versions by path and by media type", async () => {
  const v1 = "application/vnd.shop.v1+json";
  const v2 = "application/vnd.shop.v2+json";
  const router = new Router()
    .get("/users", byMediaType({ [v2]: () => json(2), [v1]: async () => json(1), "text/plain": () => text("0") }))
    .route("/v1", (r) => void r.get("/users", () => json(1)))
    .route("/v2", (r) => void r.get("/users", () => json(2)));
  await using up = await serve(router);
  const ask = async (path: string, accept?: string): Promise<[number, string | null, string | null]> => {
    const res = await fetch(up.server.url + path, accept === undefined ? {} : { headers: { accept } });
    await res.text();
    return [res.status, res.headers.get("content-type"), res.headers.get("vary")];
  };
  assert.deepEqual(await ask("/users"), [200, v2, "accept"]);
  assert.deepEqual(await ask("/users", v1), [200, v1, "accept"]);
  assert.deepEqual(await ask("/users", "text/plain"), [200, "text/plain; charset=utf-8", "accept"]);
  assert.deepEqual(await ask("/users", "application/vnd.shop.v3+json"), [406, "application/problem+json", "accept"]);
  assert.deepEqual(await ask("/v1/users"), [200, "application/json", null]);
  assert.deepEqual(up.logged, []);
});
