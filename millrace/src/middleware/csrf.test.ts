import assert from "node:assert/strict";
import { test } from "node:test";
import { Router, text } from "../http/index.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { csrf } from "./csrf.ts";

// The tables are those of Go's csrf_test.go.
const mw = csrf({ origins: ["https://trusted.example"], bypass: ["/hooks/:from"] });

async function allowed(method: string, headers: Record<string, string>, url = "/"): Promise<boolean> {
  const router = new Router()
    .use(mw)
    .handle("/", () => text("ok"))
    .handle("/hooks/:from", () => text("ok"))
    .handle("/hooks/:from/x", () => text("ok"));
  try {
    const reply = await new FakeExchange({ method, url, headers: { host: "example.com", ...headers } }).call(
      router.handler(),
    );
    return reply.status === 200;
  } catch (err) {
    assert.equal((err as { reason: string }).reason, "http/cross_origin");
    return false;
  }
}

test("Sec-Fetch-Site", async (t) => {
  const cases: { method: string; site?: string; origin?: string; want: boolean }[] = [
    { method: "POST", site: "same-origin", want: true },
    { method: "POST", site: "none", want: true },
    { method: "POST", site: "cross-site", want: false },
    { method: "POST", site: "same-site", want: false },
    { method: "POST", site: "", want: true },
    { method: "POST", want: true },
    { method: "POST", origin: "https://example.com", want: true },
    { method: "POST", origin: "https://attacker.example", want: false },
    { method: "POST", origin: "null", want: false },
    { method: "POST", origin: "https://example.com.attacker.example", want: false },
    { method: "POST", origin: "https://example.com:8443", want: false },
    { method: "GET", site: "cross-site", want: true },
    { method: "HEAD", site: "cross-site", want: true },
    { method: "OPTIONS", site: "cross-site", want: true },
    { method: "PUT", site: "cross-site", want: false },
    { method: "DELETE", site: "cross-site", want: false },
    { method: "POST", origin: "https://trusted.example", want: true },
    { method: "POST", origin: "https://trusted.example", site: "cross-site", want: true },
    { method: "POST", origin: "http://trusted.example", site: "cross-site", want: false },
    // Sec-Fetch-Site is a browser's own word, which a page cannot write; Origin does not outvote it.
    { method: "POST", origin: "https://example.com", site: "cross-site", want: false },
  ];
  for (const { method, site, origin, want } of cases) {
    await t.test(`${method} ${String(site)} ${String(origin)}`, async () => {
      const headers: Record<string, string> = {};
      if (site !== undefined) headers["sec-fetch-site"] = site;
      if (origin !== undefined) headers["origin"] = origin;
      assert.equal(await allowed(method, headers), want);
    });
  }
});

test("bypass is by a route's pattern, and by nothing that looks like it", async () => {
  const cross = { "sec-fetch-site": "cross-site" };
  assert.equal(await allowed("POST", cross, "/hooks/stripe"), true);
  assert.equal(await allowed("POST", cross, "/hooks/stripe/x"), false);
  assert.equal(await allowed("POST", cross), false);
});

test("a trusted origin must be one", () => {
  for (const origin of ["example.com", "https://example.com/", "https://example.com/path", "null", ""]) {
    assert.throws(() => csrf({ origins: [origin] }), TypeError, origin);
  }
});
