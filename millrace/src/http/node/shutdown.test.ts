import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { test } from "node:test";
import { type Ctx, background, sleep, withCancel, withTimeout } from "../../context/index.ts";
import { text } from "../reply.ts";
import { listen } from "./listen.ts";
import { rawClient } from "./testing/raw-client.ts";
import { serve, signal, within } from "./testing/setup.ts";

const GET = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

test("a shutdown under load loses no request", async (t) => {
  for (const kind of ["keep-alive", "new connections", "fetch"] as const) {
    await t.test(kind, async () => {
      let served = 0;
      await using up = await serve(
        async (ctx) => {
          await sleep(ctx, 5);
          served++;
          return text("ok");
        },
        { idleGraceMs: 200 },
      );
      const agent = new Agent({ keepAlive: kind === "keep-alive", maxSockets: 32 });
      const begun = signal();
      let answered = 0;
      const failures: string[] = [];
      const ask = (): Promise<string> =>
        kind === "fetch" ? fetch(up.server.url).then((res) => res.text()) : askWith(agent, up.server.url);
      const loop = async (): Promise<void> => {
        for (;;) {
          try {
            assert.equal(await ask(), "ok");
            if (++answered === 200) begun.fire();
          } catch (err) {
            const { code, cause } = err as { code?: string; cause?: { code?: string } };
            const reason = code ?? cause?.code ?? String(err);
            // The end of the loop: nothing listens any more, and nothing was accepted.
            if (reason !== "ECONNREFUSED") failures.push(reason);
            return;
          }
        }
      };
      const loops = Array.from({ length: 24 }, loop);
      await begun.promise;
      using ctx = withTimeout(background, 5000);
      const report = await up.server.shutdown(ctx);
      await within(5000, Promise.all(loops));
      agent.destroy();
      assert.deepEqual(failures, []);
      assert.deepEqual(report, { forced: 0, unsettled: 0 });
      assert.equal(answered, served);
    });
  }
});

function askWith(agent: Agent, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (res) => {
      let body = "";
      res.on("data", (chunk: Buffer) => (body += chunk.toString()));
      res.on("end", () => resolve(body));
      res.on("error", reject);
    }).on("error", reject);
  });
}

test("an idle connection may still send a request while the server drains", async () => {
  await using up = await serve(() => text("ok"), { idleGraceMs: 300 });
  using client = await rawClient(up.server.addr);
  client.send(GET);
  await client.until(/ok/);
  using ctx = withTimeout(background, 5000);
  const done = up.server.shutdown(ctx);
  await sleep(background, 100);
  client.send(GET);
  assert.match(await client.end(), /connection: close\r\n\r\nok$/);
  assert.deepEqual(await done, { forced: 0, unsettled: 0 });
});

test("pipelined requests are answered one after the other, and all of them while the server drains", async () => {
  const started = signal();
  const release = signal();
  let running = 0;
  let most = 0;
  await using up = await serve(async () => {
    most = Math.max(most, ++running);
    started.fire();
    await release.promise;
    running--;
    return text("ok");
  });
  using client = await rawClient(up.server.addr);
  client.send(GET.repeat(3));
  await started.promise;
  using ctx = withTimeout(background, 5000);
  const done = up.server.shutdown(ctx);
  await untilRefused(up.server.addr);
  release.fire();
  const received = await client.end();
  assert.equal(received.match(/200 OK/g)?.length, 3);
  assert.equal(received.match(/connection: close/g)?.length, 1);
  assert.match(received, /connection: close\r\n\r\nok$/);
  assert.equal(most, 1);
  await done;
});

test("what is left when the time is over is canceled with the cause, answered 503 and counted", async () => {
  const started = signal();
  const stuck = signal();
  const causes: unknown[] = [];
  let count = 0;
  await using up = await serve(async (ctx, req) => {
    if (++count === 2) started.fire();
    try {
      await sleep(ctx, 60_000);
    } catch {
      causes.push(ctx.cause);
    }
    if (req.path === "/stuck") await stuck.promise;
    return text("late");
  });
  using polite = await rawClient(up.server.addr);
  using rude = await rawClient(up.server.addr);
  polite.send(GET);
  rude.send(GET.replace("/", "/stuck"));
  await started.promise;
  using ctx = withCancel(background);
  const done = up.server.shutdown(ctx);
  const cause = new Error("out of time");
  ctx.cancel(cause);
  assert.deepEqual(await within(3000, done), { forced: 2, unsettled: 1 });
  for (const client of [polite, rude]) {
    assert.match(await client.end(), /^HTTP\/1\.1 503 [^]*connection: close[^]*http\/shutdown/);
  }
  assert.deepEqual(causes, [cause, cause]);
  stuck.fire();
});

test("a large answer that is still on its way to a slow reader is not cut", async () => {
  const size = 8 * 1024 * 1024;
  await using up = await serve(() => text("a".repeat(size)));
  using client = await rawClient(up.server.addr);
  client.socket.pause();
  client.send(GET);
  await sleep(background, 100);
  using ctx = withTimeout(background, 5000);
  const done = up.server.shutdown(ctx);
  await sleep(background, 300);
  client.socket.resume();
  const received = await client.end();
  assert.equal(received.length - received.indexOf("\r\n\r\n") - 4, size);
  assert.deepEqual(await done, { forced: 0, unsettled: 0 });
});

test("the end of listen's context stops the server at once; shutting down twice is one shutdown", async () => {
  using ctx = withCancel(background);
  const seen = signal<Ctx>();
  const server = await listen(ctx, {
    addr: "127.0.0.1:0",
    log: { error: () => undefined },
    handler: async (ctx) => {
      seen.fire(ctx);
      await sleep(ctx, 60_000);
      return text("never");
    },
  });
  using client = await rawClient(server.addr);
  client.send(GET);
  const requestCtx = await seen.promise;
  ctx.cancel("enough");
  assert.match(await client.end(2000), /503/);
  assert.equal(requestCtx.cause, "enough");
  assert.equal(server.shutdown(background), server.shutdown(background));
  await server.shutdown(background);
  await assert.rejects(rawClient(server.addr), { code: "ECONNREFUSED" });
});

// The server answers with connection: close from when it has stopped listening.
async function untilRefused(addr: string): Promise<void> {
  for (;;) {
    try {
      (await rawClient(addr))[Symbol.dispose]();
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code === "ECONNREFUSED") return;
    }
  }
}
