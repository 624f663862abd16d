import assert from "node:assert/strict";
import { test } from "node:test";
import { ctxKey } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { type Handler, type Middleware, type Reply, Router, json, text } from "../http/index.ts";
import { FakeExchange, type FakeRequest } from "../http/testing/fake-exchange.ts";
import { bearer } from "./bearer.ts";
import { bodyLimit } from "./body-limit.ts";
import { clientIp } from "./client-ip.ts";
import { cors } from "./cors.ts";
import { rateLimit } from "./rate-limit.ts";
import { requestId } from "./request-id.ts";
import { securityHeaders } from "./security-headers.ts";
import { timeout } from "./timeout.ts";

interface Answer {
  readonly reply: Reply;
  readonly exchange: FakeExchange;
  /** header is a header of the answer, wherever it was set. */
  readonly header: (name: string) => string | undefined;
}

async function ask(mw: Middleware, request: FakeRequest = {}, handler: Handler = () => text("ok")): Promise<Answer> {
  const exchange = new FakeExchange(request);
  const reply = await exchange.call(new Router().use(mw).get("/", handler).handler());
  const find = (list: readonly string[] | null, name: string): string | undefined => {
    const at = list?.findIndex((item, i) => i % 2 === 0 && item === name) ?? -1;
    return at < 0 ? undefined : list?.[at + 1];
  };
  const fixed = exchange.traits.lines.flatMap((line) =>
    line
      .trim()
      .split(/: (.*)/s)
      .slice(0, 2),
  );
  return {
    reply,
    exchange,
    header: (name) => find(reply.head, name) ?? find(exchange.head, name) ?? find(fixed, name),
  };
}

test("requestId takes over a sane id and no other", async (t) => {
  const cases: { given: string | undefined; want: string }[] = [
    { given: undefined, want: "test-id" },
    { given: "0198c7a2-7c4e-7000-8000-000000000001", want: "0198c7a2-7c4e-7000-8000-000000000001" },
    { given: "short", want: "test-id" },
    { given: "a".repeat(129), want: "test-id" },
    { given: 'with "quotes" in it', want: "test-id" },
    { given: "line\r\nbreak-line", want: "test-id" },
  ];
  for (const { given, want } of cases) {
    await t.test(String(given), async () => {
      const { exchange, header } = await ask(requestId(), {
        headers: given === undefined ? {} : { "x-request-id": given },
      });
      assert.equal(exchange.requestId, want);
      assert.equal(header("x-request-id"), want);
    });
  }
});

test("clientIp believes only what trusted proxies have appended", async (t) => {
  const trusted = clientIp({ trusted: ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"] });
  const cases: { name: string; mw: Middleware; peer: string; forwarded?: string; want: string }[] = [
    { name: "no proxy", mw: trusted, peer: "203.0.113.5", want: "203.0.113.5" },
    { name: "an untrusted peer's header", mw: trusted, peer: "203.0.113.5", forwarded: "1.2.3.4", want: "203.0.113.5" },
    { name: "a trusted peer", mw: trusted, peer: "10.1.2.3", forwarded: "1.2.3.4", want: "1.2.3.4" },
    {
      name: "a forged head of the list",
      mw: trusted,
      peer: "10.1.2.3",
      forwarded: "9.9.9.9, 1.2.3.4, 10.9.9.9",
      want: "1.2.3.4",
    },
    { name: "a mapped peer", mw: trusted, peer: "::ffff:10.1.2.3", forwarded: "1.2.3.4", want: "1.2.3.4" },
    { name: "IPv6", mw: trusted, peer: "2001:db8::1", forwarded: "2001:dead::9", want: "2001:dead::9" },
    { name: "no address", mw: trusted, peer: "10.1.2.3", forwarded: "unknown", want: "10.1.2.3" },
    { name: "no address left of a proxy", mw: trusted, peer: "10.1.2.3", forwarded: "x, 10.5.5.5", want: "10.5.5.5" },
    { name: "all trusted", mw: trusted, peer: "10.1.2.3", forwarded: "10.5.5.5, 10.6.6.6", want: "10.5.5.5" },
    { name: "an empty header", mw: trusted, peer: "10.1.2.3", forwarded: "", want: "10.1.2.3" },
    { name: "one hop", mw: clientIp({ hops: 1 }), peer: "203.0.113.5", forwarded: "9.9.9.9, 1.2.3.4", want: "1.2.3.4" },
    {
      name: "two hops",
      mw: clientIp({ hops: 2 }),
      peer: "203.0.113.5",
      forwarded: "9.9.9.9, 1.2.3.4, 5.6.7.8",
      want: "1.2.3.4",
    },
    {
      name: "fewer than the hops",
      mw: clientIp({ hops: 3 }),
      peer: "203.0.113.5",
      forwarded: "1.2.3.4",
      want: "203.0.113.5",
    },
  ];
  for (const { name, mw, peer, forwarded, want } of cases) {
    await t.test(name, async () => {
      const headers: Record<string, string> = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
      const { exchange } = await ask(mw, { remoteAddress: peer, headers });
      assert.equal(exchange.clientIp, want);
    });
  }
  for (const range of ["10.0.0.0/33", "10.0.0", "10.0.0.0/8/8", "::1/129", "10.0.0.0/"]) {
    assert.throws(() => clientIp({ trusted: [range] }), /no address and no CIDR range/, range);
  }
  assert.throws(() => clientIp({ hops: 0 }), RangeError);
});

test("cors allows the listed origins and tells others nothing", async (t) => {
  const listed = cors({ origins: ["https://a.example", "https://b.example:8443"], credentials: true });
  const anyone = cors({ origins: ["*"] });
  const preflight = { "access-control-request-method": "PUT" };
  const cases: {
    name: string;
    mw: Middleware;
    method?: string;
    headers: Record<string, string>;
    want: Record<string, string | undefined>;
    status?: number;
  }[] = [
    { name: "no origin", mw: listed, headers: {}, want: { "access-control-allow-origin": undefined, vary: "origin" } },
    {
      name: "allowed",
      mw: listed,
      headers: { origin: "https://a.example" },
      want: {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-request-id",
        vary: "origin",
      },
    },
    {
      name: "a longer name",
      mw: listed,
      headers: { origin: "https://a.example.evil.test" },
      want: { "access-control-allow-origin": undefined },
    },
    { name: "null", mw: listed, headers: { origin: "null" }, want: { "access-control-allow-origin": undefined } },
    {
      name: "another port",
      mw: listed,
      headers: { origin: "https://b.example" },
      want: { "access-control-allow-origin": undefined },
    },
    {
      name: "preflight",
      mw: listed,
      method: "OPTIONS",
      headers: { origin: "https://b.example:8443", ...preflight },
      status: 204,
      want: {
        "access-control-allow-origin": "https://b.example:8443",
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "access-control-max-age": "600",
        allow: undefined,
      },
    },
    {
      name: "a stranger's preflight",
      mw: listed,
      method: "OPTIONS",
      headers: { origin: "https://evil.example", ...preflight },
      status: 204,
      want: { "access-control-allow-origin": undefined, "access-control-allow-methods": undefined },
    },
    {
      name: "plain OPTIONS",
      mw: listed,
      method: "OPTIONS",
      headers: {},
      status: 204,
      want: { allow: "GET, HEAD, OPTIONS" },
    },
    {
      name: "anyone",
      mw: anyone,
      headers: { origin: "https://x.example" },
      want: { "access-control-allow-origin": "*", vary: undefined },
    },
  ];
  for (const { name, mw, method = "GET", headers, want, status = 200 } of cases) {
    await t.test(name, async () => {
      const { reply, header } = await ask(mw, { method, headers });
      assert.equal(reply.status, status);
      for (const [key, value] of Object.entries(want)) assert.equal(header(key), value, key);
    });
  }
  for (const origins of [["https://a.example/"], ["a.example"], ["*", "https://a.example"], ["null"]]) {
    assert.throws(() => cors({ origins }), TypeError, origins.join());
  }
  assert.throws(() => cors({ origins: ["*"], credentials: true }), TypeError);
});

test("rateLimit lets a burst through, then one at a time; its table is bounded", async () => {
  let now = 0;
  const clock = { now: () => now, elapsed: () => now };
  const mw = rateLimit({ requests: 3, windowMs: 3000, maxKeys: 2, clock });
  const router = new Router()
    .use(mw)
    .get("/", () => text("ok"))
    .handler();
  const from = async (remoteAddress: string): Promise<string> => {
    const reply = await new FakeExchange({ remoteAddress }).call(router);
    const at = reply.head?.indexOf("retry-after") ?? -1;
    return reply.status + (at < 0 ? "" : ` retry ${reply.head?.[at + 1]}`);
  };
  assert.deepEqual(
    [await from("a"), await from("a"), await from("a"), await from("a")],
    ["200", "200", "200", "429 retry 1"],
  );
  assert.equal(await from("b"), "200");
  now = 999;
  assert.equal(await from("a"), "429 retry 1");
  now = 1000;
  assert.deepEqual([await from("a"), await from("a")], ["200", "429 retry 1"]);
  now = 100_000;
  assert.deepEqual(
    [await from("a"), await from("a"), await from("a"), await from("a")],
    ["200", "200", "200", "429 retry 1"],
  );
  // A third key pushes out the one that is unused longest: not b, whose burst is back and which is gone.
  assert.equal(await from("c"), "200");
  assert.equal(await from("d"), "200");
  assert.equal(await from("a"), "200");
  assert.throws(() => rateLimit({ requests: 0 }), /requests must be at least 1, not 0/);
});

test("bearer lets accepted tokens through and answers 401 to all else", async (t) => {
  const user = ctxKey<string>("user");
  const sync = bearer(user, (_ctx, token) => (token === "good" ? "john" : undefined));
  const later = bearer(user, async (_ctx, token) => (token === "good" ? "john" : undefined));
  const handler: Handler = (ctx) => json(ctx.get(user));
  const cases: { authorization?: string; status: number; challenge?: string }[] = [
    { authorization: "Bearer good", status: 200 },
    { authorization: "bearer  good", status: 200 },
    { authorization: "Bearer bad", status: 401, challenge: 'Bearer error="invalid_token"' },
    { authorization: "Basic good", status: 401, challenge: "Bearer" },
    { authorization: "Bearer", status: 401, challenge: "Bearer" },
    { authorization: "Bearer go od", status: 401, challenge: "Bearer" },
    { status: 401, challenge: "Bearer" },
  ];
  for (const mw of [sync, later]) {
    for (const { authorization, status, challenge } of cases) {
      await t.test(`${String(authorization)} ${mw === sync ? "sync" : "later"}`, async () => {
        const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
        const { reply, header } = await ask(mw, { headers }, handler);
        assert.equal(reply.status, status);
        assert.equal(header("www-authenticate"), challenge);
        if (status === 200) assert.equal(reply.body, '"john"');
        else assert.doesNotMatch(String(reply.body), /good|bad/);
      });
    }
  }
  const down = bearer(user, () => {
    throw new Failure("keys are not to be had", { code: "unavailable" });
  });
  await assert.rejects(ask(down, { headers: { authorization: "Bearer x" } }), { code: "unavailable" });
});

test("securityHeaders can be replaced, added to and taken away", async () => {
  const mw = securityHeaders({
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": false,
    "permissions-policy": "camera=()",
  });
  const { header } = await ask(mw);
  assert.equal(header("x-content-type-options"), "nosniff");
  assert.equal(header("x-frame-options"), "SAMEORIGIN");
  assert.equal(header("referrer-policy"), undefined);
  assert.equal(header("permissions-policy"), "camera=()");
  assert.throws(() => securityHeaders({ "x-a": "b\n" }), { reason: "http/bad_header" });
});

test("timeout and bodyLimit are said ahead of all requests", async () => {
  const { exchange } = await ask(timeout(5000));
  assert.ok(Math.abs((exchange.deadline ?? 0) - Date.now() - 5000) < 500);
  assert.equal((await ask(bodyLimit(7))).exchange.bodyLimit, 7);
  for (const bad of [-1, 0.5, NaN]) {
    assert.throws(() => timeout(bad), RangeError);
    assert.throws(() => bodyLimit(bad), RangeError);
  }
});
