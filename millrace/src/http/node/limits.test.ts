import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { background, sleep } from "../../context/index.ts";
import { bubble, memoryPipe } from "../../test/index.ts";
import type { Handler } from "../handler.ts";
import { Reply, text } from "../reply.ts";
import { Router } from "../router.ts";
import { listen } from "./listen.ts";
import { rawClient } from "./testing/raw-client.ts";
import { serve, within } from "./testing/setup.ts";

const router = new Router()
  .get("/", () => text("ok"))
  .post("/", async (_ctx, req) => text(`len ${(await req.bytes()).length}`))
  .post("/unread", () => text("unread"))
  .post("/chunks", async (_ctx, req) => {
    let size = 0;
    for await (const chunk of req.chunks()) size += chunk.length;
    return text(`len ${size}`);
  });

const statuses = (received: string): string[] =>
  received.match(/HTTP\/1\.1 \d{3}/g)?.map((line) => line.slice(9)) ?? [];

test("malformed requests are refused with one answer, and no handler sees them", async (t) => {
  await using up = await serve(router, { maxHeaderBytes: 2048 });
  const cases: { name: string; send: string; status: string }[] = [
    { name: "no HTTP", send: "hello\r\n\r\n", status: "400" },
    { name: "TLS on a plain port", send: "\x16\x03\x01\x02\x00", status: "400" },
    { name: "no host", send: "GET / HTTP/1.1\r\n\r\n", status: "400" },
    { name: "a bad header name", send: "GET / HTTP/1.1\r\nhost: x\r\nbad name: y\r\n\r\n", status: "400" },
    { name: "a folded header", send: "GET / HTTP/1.1\r\nhost: x\r\nx-a: 1\r\n 2\r\n\r\n", status: "400" },
    { name: "a bare CR", send: "GET / HTTP/1.1\r\nhost: x\r\nx-a: 1\r2\r\n\r\n", status: "400" },
    { name: "a NUL", send: "GET / HTTP/1.1\r\nhost: x\r\nx-a: \0\r\n\r\n", status: "400" },
    {
      name: "two lengths",
      send: "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
      status: "400",
    },
    {
      name: "a length and chunks",
      send: "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      status: "400",
    },
    { name: "a negative length", send: "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", status: "400" },
    {
      name: "a bad chunk",
      send: "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
      status: "400",
    },
    { name: "large headers", send: `GET / HTTP/1.1\r\nhost: x\r\nx-a: ${"a".repeat(4000)}\r\n\r\n`, status: "431" },
    { name: "a long URL", send: `GET /${"a".repeat(4000)} HTTP/1.1\r\nhost: x\r\n\r\n`, status: "431" },
  ];
  for (const { name, send, status } of cases) {
    await t.test(name, async () => {
      using client = await rawClient(up.server.addr);
      client.send(send);
      assert.deepEqual(statuses(await client.end()), [status]);
    });
  }
  assert.equal(up.server.inFlight, 0);
  assert.deepEqual(up.logged, []);
});

test("what comes too slowly is cut", async (t) => {
  await using up = await serve(router, { headersTimeoutMs: 200, requestTimeoutMs: 400, checkIntervalMs: 50 });
  const cases: { name: string; send: string; want: string[] }[] = [
    { name: "a silent connection", send: "", want: ["408"] },
    { name: "slow headers", send: "GET / HTTP/1.1\r\nhost: x\r\nx-", want: ["408"] },
    {
      name: "a slow body that is read",
      send: "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nab",
      want: ["408"],
    },
    // A second answer would be taken for that of another request.
    {
      name: "a slow body after an early answer",
      send: "POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nab",
      want: ["200"],
    },
    {
      name: "slow headers of a second request",
      send: "GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HT",
      want: ["200", "408"],
    },
  ];
  for (const { name, send, want } of cases) {
    await t.test(name, async () => {
      using client = await rawClient(up.server.addr);
      client.send(send);
      assert.deepEqual(statuses(await client.end(3000)), want);
    });
  }
  assert.equal(up.server.inFlight, 0);
});

test("an idle connection is closed, a used one is not", async () => {
  await using up = await serve(router, { keepAliveTimeoutMs: 300, checkIntervalMs: 100 });
  using client = await rawClient(up.server.addr);
  const begin = performance.now();
  client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await client.until(/ok/);
  await client.end(3000);
  assert.ok(performance.now() - begin >= 290);
});

test("bodies are bounded", async (t) => {
  await using up = await serve(router, { bodyLimit: 1000 });
  const chunk = `1f4\r\n${"a".repeat(500)}\r\n`;
  const cases: { name: string; send: string; want: RegExp }[] = [
    {
      name: "as large as may be",
      send: `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n${"a".repeat(1000)}`,
      want: /len 1000/,
    },
    {
      name: "an announced length over the limit",
      send: "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n",
      want: /413 Content Too Large[^]*body_too_large/,
    },
    {
      name: "chunks within the limit",
      send: `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
      want: /len 1000/,
    },
    {
      name: "chunks over the limit",
      send: `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(3)}`,
      want: /413 Content Too Large[^]*connection: close/,
    },
    {
      name: "an iterated body over the limit",
      send: `POST /chunks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(3)}`,
      want: /413 Content Too Large/,
    },
    {
      name: "an iterated body",
      send: `POST /chunks HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc`,
      want: /len 3/,
    },
  ];
  for (const { name, send, want } of cases) {
    await t.test(name, async () => {
      using client = await rawClient(up.server.addr);
      client.send(send);
      await client.until(want);
    });
  }
});

test("after a small unread body the connection goes on", async () => {
  await using up = await serve(router);
  using client = await rawClient(up.server.addr);
  client.send(
    `POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n${"a".repeat(1000)}GET / HTTP/1.1\r\nhost: x\r\n\r\n`,
  );
  const received = await client.until(/\r\n\r\nok/);
  assert.deepEqual(statuses(received), ["200", "200"]);
  assert.doesNotMatch(received, /connection: close/);
});

test("a client that goes on sending a large unread body reads its answer and is cut within bounds", async (t) => {
  await using up = await serve(router);
  const head = "POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 50000000\r\n\r\n";
  await t.test("by bytes", async () => {
    using client = await rawClient(up.server.addr);
    client.send(head);
    const block = Buffer.alloc(65_536, 97);
    let sent = 0;
    while (!client.closed && sent < 50_000_000) {
      client.socket.write(block);
      sent += block.length;
      await new Promise((resolve) => void setImmediate(resolve));
    }
    assert.match(await client.end(2000), /connection: close[^]*unread$/);
    assert.ok(client.socket.bytesWritten < 20_000_000, `${client.socket.bytesWritten} bytes were taken`);
  });
  await t.test("by time", async () => {
    using client = await rawClient(up.server.addr);
    client.send(`${head}abc`);
    await client.until(/unread$/);
    await client.end(1500);
  });
});

test("100 Continue is sent when the body is read, and not to a handler that does not read it", async () => {
  await using up = await serve(router, { bodyLimit: 1000 });
  const head = (path: string, length: number): string =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\nexpect: 100-continue\r\n\r\n`;
  using read = await rawClient(up.server.addr);
  read.send(head("/", 5));
  await read.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  read.send("hello");
  await read.until(/len 5/);
  for (const [path, length] of [
    ["/unread", 5],
    ["/", 5000],
  ] as const) {
    using client = await rawClient(up.server.addr);
    client.send(head(path, length));
    const received = await client.end(1500);
    assert.doesNotMatch(received, /100 Continue/);
    assert.match(received, /connection: close/);
  }
});

test("the last request that a connection may have says so; what is behind it is not taken up", async () => {
  let handled = 0;
  await using up = await serve(
    () => {
      handled++;
      return text("ok");
    },
    { maxRequestsPerConnection: 3 },
  );
  using client = await rawClient(up.server.addr);
  client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(5));
  const received = await client.end();
  assert.deepEqual(statuses(received), ["200", "200", "200"]);
  assert.equal(received.match(/connection: close/g)?.length, 1);
  assert.equal(handled, 3);
});

test("connections over the limit are closed", async () => {
  await using up = await serve(router, { maxConnections: 2 });
  using first = await rawClient(up.server.addr);
  using second = await rawClient(up.server.addr);
  using third = await rawClient(up.server.addr);
  await third.end(2000);
  for (const client of [first, second]) {
    client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await within(2000, client.until(/ok/));
  }
});

test("a client that pipelines and does not read has few answers made", async () => {
  await bubble(async (t) => {
    let handled = 0;
    const handler: Handler = () => {
      handled++;
      return text("a".repeat(1_000_000));
    };
    await using server = await listen(t.ctx, { addr: "memory", handler });
    const { client, server: end } = memoryPipe();
    server.accept(end);
    client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(10_000));
    await sleep(t.ctx, 1000);
    assert.ok(handled <= 3, `${handled} answers of a megabyte`);
    client.destroy();
  });
});

test("a client that does not read is cut, one that reads slowly is not", async () => {
  const body = Buffer.alloc(96 * 1024 * 1024, "a");
  const handler: Handler = () => new Reply(200, "text/plain", body);
  await using up = await serve(handler, { stallTimeoutMs: 600, checkIntervalMs: 100 });
  using deaf = await rawClient(up.server.addr);
  using slow = await rawClient(up.server.addr);
  let read = 0;
  slow.socket.removeAllListeners("data").on("data", (chunk: Buffer) => (read += chunk.length));
  for (const client of [deaf, slow]) {
    client.socket.pause();
    client.send("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  }
  // It takes long in all, and some of it every time; the system moves some megabytes at once.
  for (let i = 1; i <= 15; i++) {
    slow.socket.resume();
    while (read < i * 4_000_000) await once(slow.socket, "data");
    slow.socket.pause();
    await sleep(background, 100);
  }
  deaf.socket.resume();
  slow.socket.resume();
  assert.ok((await deaf.end()).length < body.length, "cut");
  await slow.end();
  assert.ok(read > body.length, `${read} bytes`);
});
