import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { bubble } from "../bubble.ts";
import { explore } from "../explore/explore.ts";
import { memoryPipe } from "./memory-pipe.ts";
import { callerOf, to } from "./testing/http.ts";

const HOUR = 3_600_000;

// A server that does all that a handler may do: it reads bodies, waits, streams, and looks who calls.
function shop(): http.Server {
  return http.createServer((req, res) => {
    void (async () => {
      let body = "";
      for await (const chunk of req) body += String(chunk);
      if (req.url === "/slow") await wait(HOUR);
      if (req.url === "/chunks") {
        for (let i = 0; i < 3; i++) {
          res.write(`${i}`.repeat(50_000));
          await wait(1000);
        }
        res.end();
        return;
      }
      res.end(`${req.method} ${req.url} ${body.length} ${req.socket.remoteAddress}`);
    })();
  });
}

const modes: { name: string; run: (fn: () => Promise<void>) => Promise<unknown> }[] = [
  { name: "in a bubble", run: (fn) => bubble(fn) },
  { name: "in 20 orders", run: (fn) => explore(fn, { runs: 20, maxSteps: 100_000 }) },
];

for (const { name, run } of modes) {
  test(`212: a real server and a real client, ${name}`, async () => {
    await run(async () => {
      using caller = callerOf(to(shop()));
      const first = await caller.request("/a");
      assert.equal(first.text, "GET /a 0 10.0.0.1");
      assert.equal(first.status, 200);
      const posted = await caller.request("/b", { method: "POST", body: ["x".repeat(100_000), "y".repeat(200_000)] });
      assert.equal(posted.text, "POST /b 300000 10.0.0.1");
      assert.equal(caller.connections, 1, "it was kept alive");
      const [slow, chunks] = await Promise.all([caller.request("/slow"), caller.request("/chunks")]);
      assert.equal(slow.text, "GET /slow 0 10.0.0.1");
      assert.equal(chunks.text, "0".repeat(50_000) + "1".repeat(50_000) + "2".repeat(50_000));
      assert.equal(chunks.headers["transfer-encoding"], "chunked");
      assert.equal(performance.now(), HOUR);
    });
  });
}

test("214: an hour with a server, a client and a database, and a thousand requests, takes no time to speak of", async () => {
  const before = process.cpuUsage();
  const result = await bubble(async () => {
    const rows = new Map<string, number>();
    const query = async (key: string): Promise<number> => {
      await wait(3);
      const n = (rows.get(key) ?? 0) + 1;
      rows.set(key, n);
      return n;
    };
    const server = http.createServer((req, res) => void query(req.url ?? "").then((n) => res.end(`${n}`)));
    using caller = callerOf(to(server));
    let last = "";
    for (let i = 0; i < 1000; i++) {
      await wait(3597);
      last = (await caller.request("/counter")).text;
    }
    return { last, elapsed: performance.now(), connections: caller.connections };
  });
  assert.deepEqual(result, { last: "1000", elapsed: HOUR, connections: 1 });
  // Not the time: others may be busy on the machine.
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 5_000_000, `${(user + system) / 1000} ms`);
});

test("212: an idle connection is closed in virtual time", async () => {
  await bubble(async () => {
    const server = http.createServer({ keepAliveTimeout: 2000 }, (_req, res) => res.end("hi"));
    using caller = callerOf(to(server));
    for (const idle of [500, 10_000, 500]) {
      await caller.request("/");
      await wait(idle);
    }
    assert.equal(caller.connections, 2);
  });
});

test("212: a client that aborts", async (t) => {
  await t.test("before the answer: the server sees the connection close", async () => {
    await bubble(async () => {
      const gone = Promise.withResolvers<number>();
      const server = http.createServer((_req, res) => void res.on("close", () => gone.resolve(performance.now())));
      using caller = callerOf(to(server));
      await assert.rejects(caller.request("/", { signal: AbortSignal.timeout(700) }), { name: "AbortError" });
      assert.equal(await gone.promise, 700);
    });
  });
  await t.test("within the answer, which the server then stops", async () => {
    await bubble(async () => {
      const gone = Promise.withResolvers<boolean>();
      const server = http.createServer((_req, res) => {
        const more = setInterval(() => void res.write("x".repeat(100)), 100);
        res.on("close", () => (clearInterval(more), gone.resolve(res.writableFinished)));
      });
      using caller = callerOf(to(server));
      await assert.rejects(caller.request("/", { signal: AbortSignal.timeout(450) }));
      assert.equal(await gone.promise, false);
    });
  });
  await t.test("a server that hangs up", async () => {
    await bubble(async () => {
      const server = http.createServer((req) => req.socket.destroy());
      using caller = callerOf(to(server));
      await assert.rejects(caller.request("/"), { code: "ECONNRESET" });
    });
  });
});

test("212: an upgraded connection is a plain one", async () => {
  await bubble(async () => {
    const server = http.createServer();
    server.on("upgrade", (_req, socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
      socket.pipe(socket);
    });
    const { client, server: end } = memoryPipe();
    server.emit("connection", end);
    const req = http.get({ createConnection: () => client, headers: { connection: "upgrade", upgrade: "echo" } });
    const [, socket] = (await once(req, "upgrade")) as [http.IncomingMessage, Socket];
    socket.end("hello");
    assert.equal(await text(socket), "hello");
  });
});

test("212: http2, and so gRPC, goes over it as well", async () => {
  const body = async (): Promise<void> => {
    const server = http2.createServer();
    const answer = async (stream: http2.ServerHttp2Stream): Promise<void> => {
      await wait(HOUR);
      stream.respond({ ":status": 200 });
      stream.write("one ");
      await wait(1000);
      stream.end("two");
    };
    server.on("stream", (stream: http2.ServerHttp2Stream) => void answer(stream));
    const { client, server: end } = memoryPipe();
    server.emit("connection", end);
    const session = http2.connect("http://memory", { createConnection: () => client });
    assert.equal(await text(session.request({ ":path": "/" })), "one two");
    assert.equal(performance.now(), HOUR + 1000);
    session.close();
  };
  await bubble(body);
  await explore(body, { runs: 10 });
});
