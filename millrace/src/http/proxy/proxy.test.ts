import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { describe, test } from "node:test";
import { background, sleep } from "../../context/index.ts";
import { type ClientOptions, newClient } from "../client/index.ts";
import { until, upstream } from "../client/testing/upstream.ts";
import { type Handler, Reply, Router, json, noContent, stream, text } from "../index.ts";
import { bodyLimit, clientIp, timeout } from "../../middleware/index.ts";
import { rawClient } from "../node/testing/raw-client.ts";
import { serve } from "../node/testing/setup.ts";
import { type ProxyOptions, proxy } from "./index.ts";
import { rawUpstream } from "./testing/raw-upstream.ts";

interface Setup extends AsyncDisposable {
  readonly url: string;
  readonly addr: string;
}

// A proxy before an upstream, both on real sockets.
async function before(url: string, options: ProxyOptions = {}, client: Partial<ClientOptions> = {}): Promise<Setup> {
  const own = newClient({ baseUrl: url, ...client });
  const router = new Router().use(clientIp({ trusted: ["127.0.0.1"] }), bodyLimit(1_000_000));
  router.handle("/**", proxy(own, options));
  router.with(timeout(200)).handle("/slow", proxy(own, options));
  const front = await serve(router);
  return {
    url: front.server.url,
    addr: front.server.addr,
    async [Symbol.asyncDispose]() {
      await own[Symbol.asyncDispose]();
      await front[Symbol.asyncDispose]();
    },
  };
}

const seen: Handler = async (_ctx, req) =>
  json({ method: req.method, url: req.path + req.search, headers: req.headers, body: await req.text() });

async function ask(
  url: string,
  init: RequestInit = {},
): Promise<{ url: string; headers: Record<string, string>; body: string; method: string }> {
  const response = await fetch(url, init);
  assert.equal(response.status, 200);
  return (await response.json()) as Awaited<ReturnType<typeof ask>>;
}

describe("what the upstream sees", () => {
  test("the request as it was sent, with a body", async () => {
    await using up = await upstream(seen);
    await using front = await before(`${up.url}/api`);
    const body = "x".repeat(300_000);
    const got = await ask(`${front.url}/a%20b/../c?q=%41&r`, { method: "PUT", body, headers: { "x-a": "1" } });
    assert.deepEqual(
      [got.method, got.url, got.body.length, got.headers["x-a"]],
      ["PUT", "/api/c?q=%41&r", 300_000, "1"],
    );
    assert.equal(got.headers["content-length"], "300000");
  });

  test("headers for one hop go no further, nor do those that Connection names", async () => {
    await using up = await upstream(seen);
    await using front = await before(up.url);
    using raw = await rawClient(front.addr);
    raw.send(
      "POST / HTTP/1.1\r\nHost: shop.example\r\nConnection: close, X-Secret, X-Forwarded-For\r\nX-Secret: 1\r\n" +
        "Keep-Alive: timeout=5\r\nProxy-Authorization: Basic eA==\r\nTE: trailers\r\nTrailer: x-t\r\nUpgrade: h2c\r\n" +
        "HTTP2-Settings: AA\r\nProxy-Connection: x\r\nX-Kept: 2\r\nX-Forwarded-For: 6.6.6.6\r\n" +
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-t: trailing\r\n\r\n",
    );
    const answer = await raw.end();
    const { headers, body } = JSON.parse(/\{.*\}/.exec(answer)![0]) as Awaited<ReturnType<typeof ask>>;
    assert.equal(body, "abc");
    const names = Object.keys(headers).toSorted();
    assert.deepEqual(names, [
      "connection",
      "forwarded",
      "host",
      "transfer-encoding",
      "via",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-forwarded-proto",
      "x-kept",
      "x-request-id",
      "x-server-timeout",
    ]);
    assert.equal(headers["x-forwarded-host"], "shop.example");
    assert.equal(headers["connection"], "keep-alive");
  });

  test("where a request came from: what the client says of that is believed only from a proxy of ours", async () => {
    await using up = await upstream(seen);
    await using front = await before(up.url, { proto: "https" });
    const headers = {
      "x-forwarded-for": "10.6.6.6, 2001:db8::1",
      forwarded: "for=6.6.6.6",
      "x-real-ip": "6.6.6.6",
      "x-forwarded-proto": "gopher",
    };
    const got = (await ask(front.url, { headers })).headers;
    const host = new URL(front.url).host;
    assert.deepEqual(
      [got["x-forwarded-for"], got["x-forwarded-proto"], got["x-forwarded-host"], got["x-real-ip"], got["forwarded"]],
      [
        "2001:db8::1, 127.0.0.1",
        "https",
        host,
        undefined,
        `for="[2001:db8::1]", for=127.0.0.1;proto=https;host="${host}"`,
      ],
    );
  });

  for (const host of ["upstream", "client"] as const) {
    test(`the Host of the ${host}`, async () => {
      await using up = await upstream(seen);
      await using front = await before(up.url, { host });
      const got = await ask(front.url);
      assert.equal(got.headers["host"], new URL(host === "upstream" ? up.url : front.url).host);
    });
  }
});

describe("what the client sees", () => {
  test("the answer, without what is for one hop", async () => {
    await using up = await rawUpstream((socket) => {
      socket.write(
        "HTTP/1.1 201 Created\r\nContent-Type: text/x\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nCache-Control: private\r\n" +
          "Cache-Control: max-age=1\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\n" +
          "Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: smuggled\r\n\r\n",
      );
    });
    await using front = await before(up.url);
    const response = await fetch(front.url);
    assert.deepEqual([response.status, await response.text()], [201, "ok"]);
    const { headers } = response;
    assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2"]);
    assert.deepEqual([headers.get("content-type"), headers.get("cache-control")], ["text/x", "private, max-age=1"]);
    for (const name of ["x-hop", "keep-alive", "trailer", "x-t"]) assert.equal(headers.get(name), null, name);
  });

  test("the trailers of an answer, where there is a place for them, and none that belongs into the head", async () => {
    await using up = await rawUpstream((socket) => {
      socket.write(
        "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\n" +
          "X-Sum: 1\r\nX-Sum: 2\r\nX-Hop: 1\r\nContent-Type: text/x\r\nSet-Cookie: a=1\r\nHost: evil\r\n\r\n",
      );
    });
    await using front = await before(up.url);
    using raw = await rawClient(front.addr);
    raw.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.match(await raw.end(), /\r\n2\r\nok\r\n0\r\nx-sum: 1, 2\r\n\r\n$/);
    using old = await rawClient(front.addr);
    old.send("GET / HTTP/1.0\r\nHost: x\r\n\r\n");
    assert.match(await old.end(), /\r\n\r\nok$/);
    const session = connect(front.url);
    const request = session.request({ ":path": "/" });
    const trailers = once(request, "trailers");
    request.setEncoding("utf8");
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const [fields] = (await trailers) as [Record<string, string>];
    assert.deepEqual([body, Object.entries(fields)], ["ok", [["x-sum", "1, 2"]]]);
    session.close();
  });

  const answers: readonly [name: string, method: string, reply: () => Reply, want: unknown[]][] = [
    ["a length", "GET", () => text("abc"), [200, "3", "abc"]],
    ["a stream", "GET", () => stream(twice()), [200, null, "onetwo"]],
    ["nothing", "DELETE", () => noContent(), [204, null, ""]],
    ["the head alone", "HEAD", () => text("abc"), [200, "3", ""]],
    ["not modified", "GET", () => new Reply(304, "", null), [304, null, ""]],
    ["an error", "GET", () => text("busy", { status: 503 }), [503, "4", "busy"]],
    ["a redirect", "GET", () => new Reply(302, "", null).header("location", "/x"), [302, "0", ""]],
  ];
  for (const [name, method, reply, want] of answers) {
    test(`${name}, as the upstream has it`, async () => {
      await using up = await upstream(reply);
      await using front = await before(up.url);
      for (let i = 0; i < 2; i++) {
        const response = await fetch(front.url, { method, redirect: "manual" });
        assert.deepEqual([response.status, response.headers.get("content-length"), await response.text()], want);
      }
    });
  }
});

async function* twice(): AsyncGenerator<string> {
  yield "one";
  yield "two";
}

describe("failures", () => {
  test("502 when nobody is there, and when what comes is no HTTP", async () => {
    await using up = await rawUpstream((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
    await using front = await before(up.url, {}, { retry: false });
    for (let i = 0; i < 2; i++) {
      const response = await fetch(front.url);
      assert.equal(response.status, 502);
      assert.partialDeepStrictEqual(await response.json(), { reason: "http/bad_gateway", code: "unavailable" });
      for (const socket of up.sockets) socket.destroy();
    }
    const { url } = up;
    await up[Symbol.asyncDispose]();
    await using alone = await before(url, {}, { retry: { attempts: 2, baseMs: 1 } });
    assert.equal((await fetch(alone.url)).status, 502);
  });

  test("504 when it is too slow, and its request is ended", async () => {
    const canceled = Promise.withResolvers<void>();
    await using up = await upstream(async (ctx) => {
      await sleep(ctx, 60_000).finally(() => canceled.resolve());
      return noContent();
    });
    await using front = await before(up.url);
    const response = await fetch(`${front.url}/slow`);
    assert.equal(response.status, 504);
    await canceled.promise;
  });

  test("413 when a body is too long, with a length and without", async () => {
    await using up = await upstream(seen);
    await using front = await before(up.url);
    using raw = await rawClient(front.addr);
    raw.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n");
    assert.match(await raw.until(/\r\n\r\n/), / 413 /);
    using chunked = await rawClient(front.addr);
    chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let i = 0; i < 11; i++) chunked.send(`186a0\r\n${"x".repeat(100_000)}\r\n`);
    assert.match(await chunked.until(/\r\n\r\n/), / 413 /);
  });

  test("501 for an upgrade", async () => {
    await using up = await upstream(seen);
    await using front = await before(up.url);
    using raw = await rawClient(front.addr);
    raw.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    assert.match(await raw.until(/upgrade_refused/), / 501 /);
    assert.equal(up.asked, 0);
  });

  test("an upstream that breaks off breaks off the answer", async () => {
    await using up = await rawUpstream((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
      setTimeout(() => socket.destroy(), 20);
    });
    await using front = await before(up.url);
    const response = await fetch(front.url);
    await assert.rejects(response.text());
  });

  test("a client that leaves ends the request at the upstream, while it waits and while it reads", async () => {
    const ended: string[] = [];
    await using up = await upstream(async (ctx, req) => {
      if (req.path === "/wait") await sleep(ctx, 60_000).finally(() => ended.push("wait"));
      return stream(endless(() => ended.push("read")));
    });
    await using front = await before(up.url);
    for (const path of ["wait", "read"]) {
      using raw = await rawClient(front.addr);
      raw.send(`GET /${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await (path === "wait" ? until(() => up.asked === 1) : raw.until(/tick/));
      const startedAt = performance.now();
      raw.socket.destroy();
      await until(() => ended.includes(path));
      assert.ok(performance.now() - startedAt < 1000);
    }
  });

  test("a client that leaves in the middle of its body ends the request, too", async () => {
    await using up = await rawUpstream(() => undefined);
    await using front = await before(up.url);
    using raw = await rawClient(front.addr);
    raw.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    await until(() => up.received[0]?.endsWith("half") === true);
    raw.socket.destroy();
    await until(() => up.sockets[0]!.destroyed || up.sockets[0]!.readableEnded);
  });
});

async function* endless(ended: () => void): AsyncGenerator<string> {
  try {
    for (;;) {
      yield "tick\n";
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    ended();
  }
}

describe("backpressure", () => {
  const PIECE = new Uint8Array(64 * 1024);

  test("a client that does not read stops the upstream", async () => {
    let given = 0;
    await using up = await upstream(() => stream(ReadableStream.from(pieces(() => (given += PIECE.length)))));
    await using front = await before(up.url);
    using raw = await rawClient(front.addr);
    raw.socket.pause();
    raw.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.ok((await quiet(() => given)) < 64 * 1024 * 1024, `${given} bytes`);
  });

  test("an upstream that does not read stops the client", async () => {
    await using up = await rawUpstream((socket) => socket.pause());
    const own = newClient({ baseUrl: up.url });
    await using _ = own;
    await using front = await serve(new Router().use(bodyLimit(1e9)).handle("/**", proxy(own)));
    using raw = await rawClient(front.server.addr);
    raw.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n");
    let taken = 0;
    const more = (): void => {
      while (taken < 900_000_000 - PIECE.length && raw.socket.write(PIECE)) taken += PIECE.length;
      raw.socket.once("drain", more);
    };
    more();
    assert.ok((await quiet(() => taken)) < 64 * 1024 * 1024, `${taken} bytes`);
  });

  function* pieces(count: () => void): Generator<Uint8Array> {
    for (;;) {
      count();
      yield PIECE;
    }
  }
});

// Waits until a number has not changed for a while.
async function quiet(value: () => number): Promise<number> {
  for (let last = -1; last !== value() || last === 0;) {
    last = value();
    await sleep(background, 200);
  }
  return value();
}
