import assert from "node:assert/strict";
import { test } from "node:test";
import { background, sleep, withTimeout } from "../../context/index.ts";
import { bubble, memoryPipe } from "../../test/index.ts";
import type { Handler } from "../handler.ts";
import { Reply, json, noContent, stream, text } from "../reply.ts";
import { Router } from "../router.ts";
import { middleware } from "../traits.ts";
import { listen } from "./listen.ts";
import { Http2Client } from "./testing/http2-client.ts";
import { rawClient } from "./testing/raw-client.ts";
import { serve, signal, within } from "./testing/setup.ts";

const CANCEL = 8;

test("the same handlers answer HTTP/1.1 and HTTP/2 on one port", async () => {
  const router = new Router()
    .use(middleware({ headers: { "x-static": "s", vary: "origin" } }))
    .get("/users/:id", (_ctx, req) => {
      req.setHeader("x-ahead", "a");
      return json({ id: req.params.id, url: req.web.url, ip: req.remoteAddress }).header("vary", "accept");
    })
    .post("/", async (_ctx, req) => text(`len ${(await req.bytes()).length}`))
    .get("/none", () => noContent())
    .get("/cookies", () => text("").header("set-cookie", "a=1").header("set-cookie", "b=2"))
    .get("/native", () => new Response("native", { headers: { "x-n": "1" } }));
  await using up = await serve(router);
  using client = new Http2Client(up.server.url);
  const user = await client.ask("/users/42");
  assert.deepEqual(JSON.parse(user.body), { id: "42", url: `${up.server.url}/users/42`, ip: "127.0.0.1" });
  const { "x-static": fixed, "x-ahead": ahead, vary, "content-length": length, date } = user.headers;
  assert.deepEqual([fixed, ahead, vary, length], ["s", "a", "accept, origin", String(user.body.length)]);
  assert.match(date ?? "", / GMT$/);
  assert.equal((await client.ask("/", "hello")).body, "len 5");
  assert.equal((await client.ask("/none")).status, 204);
  assert.deepEqual((await client.ask("/cookies")).headers["set-cookie"], ["a=1", "b=2"]);
  const native = await client.ask("/native");
  assert.deepEqual([native.body, native.headers["x-n"]], ["native", "1"]);
  assert.equal((await client.ask("/nowhere")).status, 404);
  assert.equal(await (await fetch(`${up.server.url}/native`)).text(), "native");
  assert.deepEqual(up.logged, []);
});

test("what a client resets cancels the handler's context, and is not logged", async () => {
  for (const path of ["/wait", "/stream"]) {
    const begun = signal();
    const ended = signal<unknown>();
    const statuses: number[] = [];
    await using up = await serve(async (ctx, req) => {
      if (req.path === "/after") return text("ok");
      req.onFinish((_ctx, _req, outcome) => statuses.push(outcome.status));
      begun.fire();
      if (req.path === "/stream") return stream(forEver(() => ended.fire(ctx.cause)));
      await sleep(ctx, 60_000).catch(() => ended.fire(ctx.cause));
      ctx.throwIfDone();
      return text("never");
    });
    using client = new Http2Client(up.server.url);
    const request = client.session.request({ ":path": path });
    request.on("error", () => undefined);
    await begun.promise;
    request.close(CANCEL);
    assert.equal(((await within(3000, ended.promise)) as { reason?: string }).reason, "http/client_disconnected");
    assert.deepEqual(statuses, [499]);
    assert.deepEqual(up.logged, []);
    assert.equal((await client.ask("/after")).body, "ok", "the connection lives");
  }
});

async function* forEver(ended: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (;;) yield Buffer.alloc(65_536);
  } finally {
    ended();
  }
}

test("a stream has backpressure: who does not read is not written to", async () => {
  let made = 0;
  await using up = await serve(() => stream(counted((n) => (made += n))));
  using client = new Http2Client(up.server.url);
  const request = client.session.request({ ":path": "/" });
  request.on("error", () => undefined).pause();
  await within(3000, new Promise((resolve) => void request.once("response", resolve)));
  let before = -1;
  while (made !== before) {
    before = made;
    await sleep(background, 100);
  }
  assert.ok(made < 2_000_000, `${made} bytes`);
  request.close(CANCEL);
});

async function* counted(count: (n: number) => void): AsyncGenerator<Uint8Array> {
  for (;;) {
    count(65_536);
    yield Buffer.alloc(65_536);
  }
}

test("an answer that fails in the middle resets its stream alone", async () => {
  await using up = await serve((_ctx, req) => (req.path === "/broken" ? stream(breaks()) : text("ok")));
  using client = new Http2Client(up.server.url);
  const [broken, ok] = await Promise.all([client.ask("/broken"), client.ask("/")]);
  assert.deepEqual([broken.status, broken.code], [200, 2]);
  assert.equal(ok.body, "ok");
  assert.deepEqual(up.logged.length, 1);
});

async function* breaks(): AsyncGenerator<string> {
  yield "a";
  throw new Error("broken");
}

test("limits over HTTP/2", async (t) => {
  const bothStuck = signal();
  const bothGone = signal();
  const release = signal();
  let stuck = 0;
  const handler: Handler = async (ctx, req) => {
    if (req.path === "/stuck") {
      if (++stuck === 2) bothStuck.fire();
      await sleep(ctx, 60_000).catch(() => undefined);
      if (--stuck === 0) bothGone.fire();
      await release.promise;
    }
    if (req.path === "/slow") await sleep(ctx, 60_000);
    return text(`len ${(await req.bytes()).length}`);
  };
  await using up = await serve(handler, { bodyLimit: 1000, maxStreams: 2, requestDeadlineMs: 2000 });
  await t.test("a body over the limit, announced or not, is a 413, and the connection lives", async () => {
    using client = new Http2Client(up.server.url);
    assert.equal((await client.ask("/", Buffer.alloc(200_000))).status, 413);
    assert.equal((await client.ask("/", "x", { "content-length": "1" })).body, "len 1");
  });
  await t.test("the deadline is a 504", async () => {
    using client = new Http2Client(up.server.url);
    assert.equal((await client.ask("/slow")).status, 504);
  });
  await t.test("handlers that outlive their streams count", async () => {
    using client = new Http2Client(up.server.url);
    await client.ask("/");
    const requests = [0, 1].map(() => client.session.request({ ":path": "/stuck" }));
    for (const request of requests) request.on("error", () => undefined);
    await within(3000, bothStuck.promise);
    for (const request of requests) request.close(CANCEL);
    await within(3000, bothGone.promise);
    const refused = await client.ask("/");
    assert.deepEqual([refused.status, refused.code], [undefined, 7]);
    release.fire();
  });
});

test("a shutdown answers what is under way, tells the client to go, and cuts what is left", async () => {
  const begun = signal();
  const release = signal();
  await using up = await serve(async (ctx, req) => {
    begun.fire();
    if (req.path === "/slow") await sleep(ctx, 60_000);
    await release.promise;
    return text("ok");
  });
  using client = new Http2Client(up.server.url);
  const goAways: number[] = [];
  client.session.on("goaway", (code: number) => goAways.push(code));
  const first = client.ask("/");
  const slow = client.ask("/slow");
  await begun.promise;
  using ctx = withTimeout(background, 1000);
  const done = up.server.shutdown(ctx);
  release.fire();
  assert.equal((await first).body, "ok");
  assert.equal((await slow).status, 503);
  assert.deepEqual(await within(5000, done), { forced: 1, unsettled: 0 });
  await within(2000, client.closed);
  assert.ok(goAways.length > 0 && goAways.every((code) => code === 0));
});

test("in virtual time: silence, idleness, and a body that stops", async () => {
  await bubble(async (t) => {
    const options = { addr: "memory", headersTimeoutMs: 10_000, keepAliveTimeoutMs: 75_000, requestDeadlineMs: 0 };
    const handler: Handler = async (_ctx, req) => text(`len ${(await req.bytes()).length}`);
    await using server = await listen(t.ctx, { ...options, handler, log: { error: () => undefined } });
    const silent = memoryPipe();
    server.accept(silent.server);
    const received: string[] = [];
    silent.client.on("data", (chunk: Buffer) => received.push(chunk.toString()));
    await sleep(t.ctx, 9000);
    assert.equal(received.length, 0);
    await sleep(t.ctx, 3000);
    assert.match(received.join(""), /^HTTP\/1\.1 408 /);

    const pipe = memoryPipe();
    server.accept(pipe.server);
    using client = new Http2Client("http://memory", () => pipe.client);
    assert.equal((await client.ask("/")).body, "len 0");
    const at = performance.now();
    const half = client.session.request({ ":path": "/", ":method": "POST" });
    half.write("half");
    const [head] = (await new Promise<unknown[]>(
      (resolve) => void half.once("response", (...all) => resolve(all)),
    )) as [{ ":status": number }];
    assert.equal(head[":status"], 408);
    assert.ok(performance.now() - at >= 60_000 && performance.now() - at < 63_000);
    await client.closed;
    assert.ok(performance.now() - at < 63_000 + 78_000);
  });
});

test("a bad status is the server's error, not the end of it", async () => {
  await using up = await serve(() => new Reply(999, "", null));
  using client = new Http2Client(up.server.url);
  assert.equal((await client.ask("/")).status, 500);
});

test("the preface of HTTP/2 in pieces, and a request that only begins like it", async () => {
  await using up = await serve(() => text("ok"));
  using client = await rawClient(up.server.addr);
  for (const piece of ["P", "OST", " / HTTP/1.1\r\nhost: x\r\n\r\n"]) {
    client.send(piece);
    await sleep(background, 5);
  }
  assert.match(await client.until(/ok$/), /200 OK/);
});
