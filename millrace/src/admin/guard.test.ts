import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { background, withCancel } from "../context/index.ts";
import { Failure, attempt, is } from "../errors/index.ts";
import { statusOf, text } from "../http/index.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { newLog } from "../log/index.ts";
import { Secret } from "../secret/index.ts";
import { checkAddress, guarded } from "./guard.ts";
import { openAdmin } from "./index.ts";
import { open } from "./testing/setup.ts";

const TOKEN = "0123456789abcdef";
const log = newLog({ out: { write() {} } });

describe("the Host must be one that DNS cannot lead here", () => {
  const cases: readonly { readonly host: string; readonly want: number }[] = [
    { host: "localhost", want: 200 },
    { host: "localhost:6060", want: 200 },
    { host: "LOCALHOST:1", want: 200 },
    { host: "127.0.0.1:6060", want: 200 },
    { host: "127.8.9.10", want: 200 },
    { host: "[::1]:6060", want: 200 },
    { host: "debug.internal:6060", want: 200 },
    { host: "Debug.Internal", want: 200 },
    { host: "evil.example", want: 403 },
    { host: "evil.example:6060", want: 403 },
    { host: "localhost.evil.example", want: 403 },
    { host: "127.0.0.1.evil.example", want: 403 },
    { host: "127.0.0.1.nip.io:6060", want: 403 },
    { host: "127.evil.example", want: 403 },
    { host: "evil.example:localhost", want: 403 },
    { host: "localhost@evil.example", want: 403 },
    { host: "sub.debug.internal", want: 403 },
    { host: "localhost.", want: 403 },
    { host: "0.0.0.0:6060", want: 403 },
    { host: "[::ffff:127.0.0.1]:6060", want: 403 },
    { host: "10.0.0.1", want: 403 },
    { host: "[::1", want: 403 },
    { host: "localhost:6060:1", want: 403 },
  ];
  for (const { host, want } of cases) {
    test(`${host}: ${want}`, async () => {
      await using up = await open({ hosts: ["debug.internal"] });
      // A Host that is no host is the server's to refuse, with 400, before anybody else sees it.
      const { status } = await up.ask("/debug/vars", { headers: { host } });
      assert.ok(status === want || (want === 403 && status === 400), String(status));
    });
  }

  test("also where there is no route, and for a name in the request line", async () => {
    await using up = await open();
    const refused = await up.ask("/nothing", { headers: { host: "evil.example" } });
    assert.equal(refused.status, 403);
    assert.equal(refused.json()["reason"], "admin/unknown_host");
    assert.equal((await up.ask("/nothing")).status, 404);
    // RFC 9112 section 3.2.2: what the request line says counts, and not Host.
    const named = await up.ask("http://evil.example/debug/vars", { headers: { host: "localhost" } });
    assert.equal(named.status, 403);
    assert.equal((await up.ask("http://localhost/debug/vars", { headers: { host: "evil.example" } })).status, 200);
  });

  test("a host is written without a scheme or a port", async () => {
    for (const host of ["http://a", "a:1", "", "a b"]) {
      await assert.rejects(openAdmin(background, { addr: "127.0.0.1:0", hosts: [host] }), TypeError, host);
    }
  });
});

describe("the token", () => {
  const cases: readonly { readonly given: string | undefined; readonly want: number }[] = [
    { given: `Bearer ${TOKEN}`, want: 200 },
    { given: `bearer ${TOKEN}`, want: 200 },
    { given: undefined, want: 401 },
    { given: "", want: 401 },
    { given: "Bearer ", want: 401 },
    { given: TOKEN, want: 401 },
    { given: `Basic ${TOKEN}`, want: 401 },
    { given: `Bearer ${TOKEN}0`, want: 401 },
    { given: `Bearer ${TOKEN.slice(1)}`, want: 401 },
    { given: `Bearer ${TOKEN.toUpperCase()}`, want: 401 },
    { given: `Bearer ${TOKEN} ${TOKEN}`, want: 401 },
  ];
  for (const { given, want } of cases) {
    test(`${given}: ${want}`, async () => {
      await using up = await open({ token: new Secret(TOKEN) });
      const headers = given === undefined ? {} : { authorization: given };
      for (const path of ["/", "/debug/tasks", "/nothing"]) {
        const { status, headers: got } = await up.ask(path, { headers });
        assert.equal(status, want === 200 && path === "/nothing" ? 404 : want);
        assert.equal(got["www-authenticate"] !== undefined, want === 401);
      }
    });
  }

  test("is needed where other machines can reach the server, and then the Host is looked at too", async () => {
    for (const addr of ["0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "debug.internal:0"]) {
      await assert.rejects(openAdmin(background, { addr }), (err) => {
        return err instanceof Failure && err.reason === "admin/token_required" && err.message.includes(addr);
      });
    }
    // A test listens on 127.0.0.1 alone, so the rest is without a socket.
    for (const addr of ["0.0.0.0:0", "127.0.0.1:0", "localhost:6060", "[::1]:6060"]) {
      const token = addr.startsWith("0") ? new Secret(TOKEN) : undefined;
      assert.doesNotThrow(() => checkAddress(addr, token));
    }
    const handler = guarded(() => text("in"), { addr: "10.1.2.3:6060", token: new Secret(TOKEN), hosts: [] });
    const status = async (headers: Readonly<Record<string, string>>): Promise<number> => {
      const exchange = new FakeExchange({ headers });
      const [reply, err] = await attempt(exchange.call(handler));
      return reply?.status ?? statusOf(err);
    };
    const authorization = `Bearer ${TOKEN}`;
    assert.equal(await status({ host: "10.1.2.3:6060", authorization }), 200);
    assert.equal(await status({ host: "10.1.2.3:6060" }), 401);
    assert.equal(await status({ host: "10.1.2.4:6060", authorization }), 403);
  });

  test("has at least 16 characters, and is in no message", async () => {
    const short = openAdmin(background, { token: new Secret("s3cret") });
    await assert.rejects(short, (err) => err instanceof RangeError && !err.message.includes("s3cret"));
  });
});

describe("a page of another site", () => {
  const cases: readonly {
    readonly name: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly put: number;
    readonly profile: number;
  }[] = [
    { name: "curl", headers: {}, put: 200, profile: 400 },
    { name: "own page", headers: { "sec-fetch-site": "same-origin" }, put: 200, profile: 400 },
    { name: "typed in", headers: { "sec-fetch-site": "none" }, put: 200, profile: 400 },
    { name: "another site", headers: { "sec-fetch-site": "cross-site" }, put: 403, profile: 403 },
    { name: "another port", headers: { "sec-fetch-site": "same-site" }, put: 403, profile: 403 },
    { name: "an old browser", headers: { origin: "http://evil.example" }, put: 403, profile: 400 },
    { name: "an opaque origin", headers: { origin: "null" }, put: 403, profile: 400 },
  ];
  for (const { name, headers, put, profile } of cases) {
    test(name, async () => {
      await using up = await open({ log });
      const body = { level: "info" };
      assert.equal((await up.ask("/debug/log", { method: "PUT", headers, body })).status, put);
      const tasks = await up.ask("/debug/tasks", { method: "PUT", headers, body: { recordSpawns: false } });
      assert.equal(tasks.status, put);
      // What is let through is refused for its duration.
      assert.equal((await up.ask("/debug/pprof/profile?seconds=0", { headers })).status, profile);
      assert.equal((await up.ask("/debug/vars", { headers })).status, 200);
    });
  }
});

test("no answer is kept, framed or sniffed, whatever it is", async () => {
  await using up = await open({ token: new Secret(TOKEN) });
  for (const headers of [{ authorization: `Bearer ${TOKEN}` }, {}, { host: "evil.example" }]) {
    for (const path of ["/", "/debug/vars", "/nothing"]) {
      const { headers: got, status, text } = await up.ask(path, { headers });
      assert.equal(got["cache-control"], "no-store");
      assert.equal(got["x-content-type-options"], "nosniff");
      assert.equal(got["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
      assert.equal(got["cross-origin-resource-policy"], "same-origin");
      if (status >= 400) assert.match(got["content-type"] ?? "", /^application\/problem\+json/);
      assert.doesNotMatch(text, new RegExp(TOKEN));
    }
  }
});

test("methods that are not there are 405, and a busy address says so", async () => {
  await using up = await open();
  for (const method of ["POST", "DELETE", "PUT"]) {
    assert.equal((await up.ask("/debug/vars", { method })).status, 405);
  }
  await assert.rejects(openAdmin(background, { addr: up.admin.addr }), (err) => is(err, "unavailable"));
});

test("it outlives the context that it was opened with, but is not opened with one that has ended", async () => {
  const ctx = withCancel(background);
  await using admin = await openAdmin(ctx, { addr: "127.0.0.1:0" });
  ctx.cancel();
  assert.equal((await fetch(`${admin.url}/debug/vars`)).status, 200);
  await assert.rejects(openAdmin(ctx, { addr: "127.0.0.1:0" }), (err) => is(err, "canceled"));
});
