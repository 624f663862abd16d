import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { get, request } from "node:http";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { sleep } from "../context/index.ts";
import { type Handler, Router, html, json, noContent, stream, text } from "../http/index.ts";
import { serve, signal, within } from "../http/node/testing/setup.ts";
import { codingOf, compress } from "./compress.ts";
import { headerOf } from "./on-reply.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { etag } from "./etag.ts";

test("the coding that the client likes best", () => {
  const cases: [accept: string | undefined, want: string | undefined][] = [
    [undefined, undefined],
    ["", undefined],
    ["gzip", "gzip"],
    ["GZIP", "gzip"],
    ["x-gzip", "gzip"],
    ["deflate", undefined],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip, deflate, br", "br"],
    ["gzip;q=1.0, br;q=0.5", "gzip"],
    ["gzip;q=0.4,br;q=0.5,zstd;q=0", "br"],
    ["*", "zstd"],
    ["*;q=0", undefined],
    ["gzip, *;q=0", "gzip"],
    ["zstd;q=0, *;q=0.1", "br"],
    ["identity, gzip;q=0.5", undefined],
    ["identity;q=0.5, gzip", "gzip"],
    ["identity;q=0", undefined],
    ["gzip;q=2", undefined],
    ["gzip;q=0.0001", undefined],
    [",".repeat(10_000), undefined],
  ];
  for (const [accept, want] of cases) assert.equal(codingOf(accept), want, String(accept).slice(0, 40));
});

const long = "all work and no play makes jack a dull boy. ".repeat(1000);
const undo: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

// Not fetch, which decompresses by itself.
async function ask(
  url: string,
  headers: Record<string, string>,
  method: string = "GET",
): Promise<{ status: number; headers: Record<string, string>; body: Buffer }> {
  const req = request(url, { headers, method, agent: false }).end();
  const [res] = await once(req, "response");
  return { status: res.statusCode as number, headers: res.headers as Record<string, string>, body: await buffer(res) };
}

test("over a real server", async (t) => {
  const handlers: Record<string, Handler> = {
    "/text": () => text(long),
    "/bytes": () => text("").header("content-type", "text/css"),
    "/short": () => text("short"),
    "/image": () => new Response(long, { headers: { "content-type": "image/png" } }),
    "/json": async () => json({ long }),
    "/html": () => html`<p>${long}</p>`,
    "/native": () => new Response(long, { headers: { "content-type": "text/plain", "set-cookie": "a=b" } }),
    "/stream": () => stream(ReadableStream.from([Buffer.from(long), Buffer.from(long)]), { type: "text/plain" }),
    "/encoded": () => text(long).header("content-encoding", "br"),
    "/as-it-is": () => text(long).header("cache-control", "public, no-transform"),
    "/nothing": () => noContent(),
    "/tagged": () => text(long).header("etag", '"t"').header("accept-ranges", "bytes"),
  };
  const router = new Router().use(compress());
  for (const [path, handler] of Object.entries(handlers)) router.get(path, handler);
  await using up = await serve(router);
  const cases: { path: string; accept: string; want?: string | undefined; text?: string }[] = [
    ...["gzip", "br", "zstd"].map((accept) => ({ path: "/text", accept, want: accept, text: long })),
    ...["gzip", "br", "zstd"].map((accept) => ({ path: "/stream", accept, want: accept, text: long + long })),
    { path: "/json", accept: "gzip", want: "gzip", text: JSON.stringify({ long }) },
    { path: "/html", accept: "gzip", want: "gzip", text: `<p>${long}</p>` },
    { path: "/native", accept: "gzip", want: "gzip", text: long },
    { path: "/text", accept: "identity" },
    { path: "/short", accept: "gzip" },
    { path: "/bytes", accept: "gzip" },
    { path: "/image", accept: "gzip" },
    { path: "/encoded", accept: "gzip", want: "br" },
    { path: "/as-it-is", accept: "gzip" },
    { path: "/nothing", accept: "gzip" },
  ];
  for (const { path, accept, want, text } of cases) {
    await t.test(`${path} ${accept}`, async () => {
      const { headers, body } = await ask(up.server.url + path, { "accept-encoding": accept });
      assert.equal(headers["content-encoding"], want);
      assert.equal(headers["vary"], "accept-encoding");
      if (text !== undefined) {
        assert.equal(undo[accept]!(body).toString(), text);
        assert.ok(body.length < text.length / 10, `${body.length} bytes`);
      }
    });
  }
  await t.test("a strong tag becomes weak, and ranges are not offered", async () => {
    const { headers } = await ask(`${up.server.url}/tagged`, { "accept-encoding": "gzip" });
    assert.equal(headers["etag"], 'W/"t"');
    assert.equal(headers["accept-ranges"], undefined);
    assert.equal((await ask(`${up.server.url}/tagged`, {})).headers["etag"], '"t"');
  });
  await t.test("HEAD says what GET would", async () => {
    const { headers, body } = await ask(`${up.server.url}/text`, { "accept-encoding": "gzip" }, "HEAD");
    assert.equal(headers["content-encoding"], "gzip");
    assert.equal(headers["content-length"], undefined);
    assert.equal(body.length, 0);
  });
  assert.deepEqual(up.logged, []);
});

test("outside of etag: what was sent compressed is found again", async () => {
  await using up = await serve(new Router().use(compress(), etag()).get("/", () => text(long)));
  const first = await ask(up.server.url, { "accept-encoding": "br" });
  assert.match(first.headers["etag"]!, /^W\//);
  const second = await ask(up.server.url, { "accept-encoding": "br", "if-none-match": first.headers["etag"]! });
  assert.deepEqual([second.status, second.body.length], [304, 0]);
});

test("an event stream is flushed with each piece, and ends when the client goes", async () => {
  let gone = signal();
  const router = new Router().use(compress()).get("/", (ctx) =>
    stream(
      (async function* () {
        try {
          yield "data: 1\n\n";
          await sleep(ctx, 60_000);
        } finally {
          gone.fire();
        }
      })(),
      { type: "text/event-stream" },
    ),
  );
  await using up = await serve(router);
  for (const accept of ["gzip", "br", "zstd"]) {
    gone = signal();
    const req = get(up.server.url, { headers: { "accept-encoding": accept }, agent: false });
    req.on("error", () => undefined);
    const [res] = await within(5000, once(req, "response"));
    const [chunk] = await within(5000, once(res, "data"));
    assert.ok((chunk as Buffer).length > 0);
    req.destroy();
    await within(5000, gone.promise);
  }
});

test("a source that fails breaks the answer, and is reported once", async () => {
  const router = new Router().use(compress()).get("/", () =>
    stream(
      (async function* () {
        yield long;
        throw new Error("the source is broken");
      })(),
      { type: "text/plain" },
    ),
  );
  await using up = await serve(router);
  await assert.rejects(ask(up.server.url, { "accept-encoding": "gzip" }));
  assert.equal(up.logged.length, 1);
  assert.match(String(up.logged[0]?.attrs["err"]), /the source is broken/);
});

test("a reply that is given many times is not changed", async () => {
  const shared = text(long).header("x-a", "b");
  const handler = new Router()
    .use(compress(), etag())
    .get("/", () => shared)
    .handler();
  for (let i = 0; i < 2; i++) {
    const exchange = new FakeExchange({ headers: { "accept-encoding": "gzip" } });
    assert.equal(headerOf(await exchange.call(handler), "content-encoding"), "gzip");
    assert.deepEqual([shared.status, shared.body, headerOf(shared, "content-encoding")], [200, long, undefined]);
    const tagged = { "if-none-match": headerOf(shared, "etag")! };
    assert.equal((await new FakeExchange({ headers: tagged }).call(handler)).status, 304);
    assert.equal(shared.status, 200);
  }
});

test("minBytes is a number of bytes", () => assert.throws(() => compress({ minBytes: -1 }), /minBytes/));
