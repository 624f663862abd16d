import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, afterDone, sleep } from "../../context/index.ts";
import { attempt } from "../../errors/index.ts";
import { ClientDisconnected } from "../failure.ts";
import { json, text } from "../reply.ts";
import { rawClient } from "./testing/raw-client.ts";
import { serve, signal, within } from "./testing/setup.ts";

const GET = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

test("a disconnect cancels the context at once, with its cause", async (t) => {
  const cases: { name: string; send: string; read: boolean }[] = [
    { name: "GET", send: GET, read: false },
    { name: "a body that was read", send: "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab", read: true },
    {
      name: "a body that was not read",
      send: "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab",
      read: false,
    },
    { name: "half a body", send: "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nab", read: true },
    { name: "two pipelined", send: GET + GET, read: false },
  ];
  for (const { name, send, read } of cases) {
    await t.test(name, async () => {
      const started = signal();
      const ended = signal<{ ctx: Ctx; at: number }>();
      const outcomes: number[] = [];
      await using up = await serve(async (ctx, req) => {
        req.onFinish((_ctx, _req, outcome) => outcomes.push(outcome.status));
        using _stop = afterDone(ctx, () => ended.fire({ ctx, at: performance.now() }));
        started.fire();
        if (read) await req.bytes();
        await sleep(ctx, 10_000);
        return text("never");
      });
      using client = await rawClient(up.server.addr);
      client.send(send);
      await started.promise;
      const begin = performance.now();
      client.socket.resetAndDestroy();
      const { ctx, at } = await within(1000, ended.promise);
      assert.ok(at - begin < 100, `${at - begin} ms`);
      assert.equal(ctx.err?.code, "canceled");
      assert.ok(ctx.cause instanceof ClientDisconnected);
      await up.server[Symbol.asyncDispose]();
      assert.deepEqual([...new Set(outcomes)], [499]);
      assert.equal(up.server.inFlight, 0);
      assert.deepEqual(up.logged, []);
    });
  }
});

test("a client that has got its answer cancels nothing but the exchange's end", async () => {
  const seen: unknown[] = [];
  await using up = await serve((ctx) => {
    afterDone(ctx, () => seen.push(ctx.cause instanceof ClientDisconnected));
    return text("ok");
  });
  using client = await rawClient(up.server.addr);
  client.send(GET);
  await client.until(/ok/);
  client.socket.destroy();
  await up.server[Symbol.asyncDispose]();
  assert.deepEqual(seen, [false]);
});

test("a deadline answers 504 at once, cancels the context, and the late answer is discarded", async (t) => {
  for (const ms of [50, 1000]) {
    await t.test(`${ms} ms`, async () => {
      const release = signal();
      const ended = signal<Ctx>();
      await using up = await serve(async (ctx, req) => {
        req.setDeadline(ms);
        assert.ok(Math.abs((ctx.deadline ?? 0) - Date.now() - ms) < 50);
        using _stop = afterDone(ctx, () => ended.fire(ctx));
        await release.promise;
        return json("late");
      });
      using client = await rawClient(up.server.addr);
      const begin = performance.now();
      client.send(GET);
      const received = await client.until(/deadline_exceeded/);
      const took = performance.now() - begin;
      assert.ok(took >= ms - 5 && took < ms + 400, `${took} ms`);
      assert.match(received, /^HTTP\/1\.1 504 Gateway Timeout/);
      assert.equal((await ended.promise).err?.code, "deadline_exceeded");
      // The handler still runs, so the exchange is still in flight; its answer goes nowhere, the connection goes on.
      assert.equal(up.server.inFlight, 1);
      release.fire();
      client.send(GET);
      await client.until(/late/);
      assert.equal(client.received.match(/late/g)?.length, 1);
      await up.server[Symbol.asyncDispose]();
      assert.equal(up.server.inFlight, 0);
      assert.deepEqual(
        up.logged.map((line) => line.message),
        ["http: request failed"],
      );
    });
  }
});

test("the server's own deadline holds where nothing else was said, and 0 takes it away", async () => {
  await using up = await serve(
    async (ctx, req) => {
      if (req.path === "/free") req.setDeadline(0);
      await sleep(ctx, 300);
      return text("done");
    },
    { requestDeadlineMs: 100 },
  );
  assert.equal((await fetch(up.server.url)).status, 504);
  assert.equal((await fetch(`${up.server.url}/free`)).status, 200);
});

test("a handler that fails after its request has ended is logged, but not for the cancellation itself", async () => {
  const settled = signal();
  await using up = await serve(async (ctx, req) => {
    req.setDeadline(30);
    const [, err] = await attempt(sleep(ctx, 5000));
    if (req.path === "/silent") throw err;
    settled.fire();
    throw new Error("clean-up failed");
  });
  assert.equal((await fetch(`${up.server.url}/silent`)).status, 504);
  assert.equal((await fetch(`${up.server.url}/loud`)).status, 504);
  await settled.promise;
  await up.server[Symbol.asyncDispose]();
  assert.deepEqual(
    up.logged.map((line) => line.message),
    ["http: request failed", "http: request failed", "http: the handler failed after its request had ended"],
  );
});
