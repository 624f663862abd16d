import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Ctx, sleep, withTimeout } from "../../context/index.ts";
import { type Handler, text } from "../../http/index.ts";
import { type ListenOptions, type Server, listen } from "../../http/node/index.ts";
import { bubble } from "../bubble.ts";
import { explore } from "../explore/explore.ts";
import { type Caller, callerOf } from "./testing/http.ts";

const HOUR = 3_600_000;

async function serve(
  ctx: Ctx,
  handler: Handler,
  options: Partial<ListenOptions> = {},
): Promise<{ server: Server; caller: Caller; logged: string[] } & AsyncDisposable> {
  const logged: string[] = [];
  const log = { error: (_: Ctx, message: string) => void logged.push(message) };
  const server = await listen(ctx, { addr: "memory", handler, log, ...options });
  const caller = callerOf((socket) => server.accept(socket));
  return {
    server,
    caller,
    logged,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      caller[Symbol.dispose]();
    },
  };
}

test("212: this toolkit's own server, in memory: an answer after an hour", async () => {
  await bubble(async (t) => {
    const slow: Handler = async (ctx) => {
      await sleep(ctx, HOUR);
      return text("late");
    };
    await using up = await serve(t.ctx, slow, { requestDeadlineMs: 0 });
    assert.equal(up.server.url, "http://memory");
    const answer = await up.caller.request("/");
    assert.deepEqual([answer.status, answer.text], [200, "late"]);
    // The server writes the date once a second, which may be just before or just after.
    assert.match(answer.headers.date ?? "", /^Sat, 01 Jan 2000 (00:59:59|01:00:00) GMT$/);
    assert.equal(performance.now(), HOUR);
  });
});

test("212: deadlines, disconnects and shutdowns happen in virtual time", async () => {
  await bubble(async (t) => {
    const canceledAt: number[] = [];
    await using up = await serve(
      t.ctx,
      async (ctx) => {
        try {
          await sleep(ctx, HOUR);
        } catch (err) {
          canceledAt.push(performance.now());
          throw err;
        }
        return text("never");
      },
      { requestDeadlineMs: 60_000 },
    );
    assert.equal((await up.caller.request("/")).status, 504);
    await assert.rejects(up.caller.request("/", { signal: AbortSignal.timeout(5000) }));
    await wait(1);
    const last = up.caller.request("/");
    await wait(10);
    const short = withTimeout(t.ctx, 1000);
    assert.deepEqual(await up.server.shutdown(short), { forced: 1, unsettled: 0 });
    assert.equal((await last).status, 503);
    assert.deepEqual(
      canceledAt.map((ms) => Math.round(ms / 1000)),
      [60, 65, 66],
    );
    await assert.rejects(up.caller.request("/"), { code: /ECONNRESET|EPIPE/ }, "nothing is accepted any more");
  });
});

test("212: a thousand requests", async () => {
  await bubble(async (t) => {
    let count = 0;
    await using up = await serve(t.ctx, () => text(`${++count}`));
    for (let i = 0; i < 100; i++) {
      await Promise.all(Array.from({ length: 10 }, () => up.caller.request("/")));
    }
    assert.equal(count, 1000);
    assert.equal(up.caller.connections, 10);
  });
});

test("212: in many orders, a shutdown loses no request that was taken up", async () => {
  await explore(
    async (t) => {
      let served = 0;
      await using up = await serve(t.ctx, async (ctx) => {
        await sleep(ctx, 5);
        served++;
        return text("ok");
      });
      const answers = Promise.allSettled([up.caller.request("/a"), up.caller.request("/b")]);
      await sleep(t.ctx, 1);
      await up.server.shutdown(t.ctx);
      const statuses = (await answers).map((one) => (one.status === "fulfilled" ? one.value.status : "refused"));
      assert.deepEqual(statuses, [200, 200]);
      assert.equal(served, 2);
    },
    { runs: 50, maxSteps: 100_000 },
  );
});
