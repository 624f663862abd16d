import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ctx, background, sleep, withCancel, withTimeout } from "../../context/index.ts";
import { Failure, as, codeOf } from "../../errors/index.ts";
import { Refused, RetryBudget, TokenBucket } from "../../resilience/index.ts";
import { type Handler, Reply, json, text } from "../index.ts";
import { HttpFailure, newClient } from "./index.ts";
import { until, upstream } from "./testing/upstream.ts";

const QUICK = { attempts: 3, baseMs: 1, maxMs: 2 };

describe("what is sent again", () => {
  const cases: readonly { name: string; method: string; status: number; init?: object; asked: number }[] = [
    { name: "a GET that met a 503", method: "GET", status: 503, asked: 3 },
    { name: "a GET that met a 502", method: "GET", status: 502, asked: 3 },
    { name: "a GET that came too often", method: "GET", status: 429, asked: 3 },
    { name: "a PUT with its body", method: "PUT", status: 503, init: { json: { a: 1 } }, asked: 3 },
    { name: "a DELETE", method: "DELETE", status: 504, asked: 3 },
    { name: "a POST with a key", method: "POST", status: 503, init: { json: 1, idempotencyKey: "k1" }, asked: 3 },
    { name: "not a POST", method: "POST", status: 503, init: { json: 1 }, asked: 1 },
    { name: "not a PATCH", method: "PATCH", status: 503, asked: 1 },
    { name: "not what is wrong", method: "GET", status: 404, asked: 1 },
    { name: "not a conflict", method: "PUT", status: 409, asked: 1 },
    { name: "not a bug", method: "GET", status: 500, asked: 1 },
    { name: "not what nobody can", method: "GET", status: 501, asked: 1 },
    {
      name: "not a stream",
      method: "PUT",
      status: 503,
      init: { body: ReadableStream.from([new Uint8Array(3)]) },
      asked: 1,
    },
  ];
  for (const { name, method, status, init = {}, asked } of cases) {
    test(name, async () => {
      const bodies: string[] = [];
      await using up = await upstream(async (_ctx, req) => {
        bodies.push(await req.text());
        return text("no", { status });
      });
      // With one connection an answer that is not read would stop the next attempt.
      await using client = newClient({ baseUrl: up.url, retry: QUICK, maxConnections: 1 });
      await assert.rejects(client.fetch(background, "/", { method, ...init }), (err) => {
        assert.equal(as(err, HttpFailure)?.status, status);
        return true;
      });
      assert.equal(up.asked, asked);
      assert.equal(new Set(bodies).size, 1, "the same body each time");
    });
  }

  test("an answer that does not come in time for the attempt", async () => {
    await using up = await upstream(async (ctx) => {
      if (up.asked < 3) await sleep(ctx, 60_000);
      return json("ok");
    });
    await using client = newClient({ baseUrl: up.url, retry: { ...QUICK, attemptTimeoutMs: 200 } });
    assert.equal(await client.get(background, "/"), "ok");
    assert.equal(up.asked, 3);
  });
});

describe("Retry-After", () => {
  // An HTTP date has no milliseconds, so one that is two seconds away is more than one away.
  const cases = [
    { name: "seconds", value: () => "1", atLeastMs: 1000 },
    { name: "a date", value: () => new Date(Date.now() + 2000).toUTCString(), atLeastMs: 950 },
  ];
  for (const { name, value, atLeastMs } of cases) {
    test(`${name} are waited for`, async () => {
      const at: number[] = [];
      await using up = await upstream(() => {
        at.push(performance.now());
        return at.length === 1 ? text("later", { status: 503 }).header("retry-after", value()) : json("ok");
      });
      await using client = newClient({ baseUrl: up.url });
      assert.equal(await client.get(background, "/"), "ok");
      assert.ok(at[1]! - at[0]! >= atLeastMs, `${at[1]! - at[0]!} ms`);
    });
  }

  test("nobody waits for what comes after the deadline", async () => {
    await using up = await upstream(() => text("later", { status: 503 }).header("retry-after", "3600"));
    await using client = newClient({ baseUrl: up.url });
    const startedAt = performance.now();
    await assert.rejects(client.get(background, "/"), (err: HttpFailure) => {
      assert.deepEqual([err.status, err.retryAfterMs], [503, 3_600_000]);
      return true;
    });
    assert.equal(up.asked, 1);
    assert.ok(performance.now() - startedAt < 10_000);
  });
});

describe("an outage", () => {
  test("costs the upstream at most a tenth more, then all is well again", async () => {
    let down = true;
    await using up = await upstream(() => (down ? text("down", { status: 503 }) : json("ok")));
    const budget = new RetryBudget({ minPerSecond: 1, windowMs: 10_000 });
    await using client = newClient({ baseUrl: up.url, breaker: false, retry: { ...QUICK, budget } });
    const CALLS = 2000;
    const ask = async (): Promise<string> =>
      client.get(background, "/").then(
        () => "ok",
        (err) => codeOf(err),
      );
    const outcomes: string[] = [];
    for (let i = 0; i < CALLS; i += 20) outcomes.push(...(await Promise.all(Array.from({ length: 20 }, ask))));
    assert.ok(outcomes.every((one) => one === "unavailable"));
    const extra = up.asked - CALLS;
    // A tenth, and one a second for the ten seconds of the window and those that it took.
    assert.ok(extra <= CALLS * 0.1 + 10 + 60, `${extra} more`);
    assert.ok(extra >= CALLS * 0.05, `${extra} more: retries are made`);
    down = false;
    assert.equal(await ask(), "ok");
  });

  test("with a breaker it is spared, and asked again when it is back", async () => {
    let down = true;
    await using up = await upstream(() => (down ? text("down", { status: 503 }) : json("ok")));
    await using client = newClient({
      baseUrl: up.url,
      retry: { attempts: 2, baseMs: 1, budget: new RetryBudget({ ratio: 0, minPerSecond: 0 }) },
      breaker: { minCalls: 10, openMs: 300, probes: 2 },
    });
    const ask = async (): Promise<string> =>
      client.get(background, "/").then(
        () => "ok",
        (err: Failure) => err.reason,
      );
    const reasons: string[] = [];
    for (let i = 0; i < 50; i++) reasons.push(await ask());
    assert.equal(up.asked, 10);
    assert.deepEqual(new Set(reasons), new Set(["http/status_503", "resilience/breaker_open"]));
    down = false;
    await sleep(background, 350);
    for (let i = 0; i < 5; i++) assert.equal(await ask(), "ok");
    assert.equal(up.asked, 15);
  });

  test("nobody waits for an open breaker", async () => {
    await using up = await upstream(() => text("down", { status: 503 }));
    await using client = newClient({ baseUrl: up.url, retry: QUICK, breaker: { minCalls: 3, openMs: 500 } });
    await assert.rejects(client.get(background, "/"));
    await assert.rejects(client.get(background, "/"), (err) => err instanceof Refused);
    assert.equal(up.asked, 3);
  });

  test("the breaker does not open for what callers do", async () => {
    await using up = await upstream(async (ctx, req) => {
      if (req.path === "/slow") await sleep(ctx, 60_000);
      return text("no", { status: req.path === "/ok" ? 200 : 404 });
    });
    await using client = newClient({ baseUrl: up.url, breaker: { minCalls: 5 } });
    for (let i = 0; i < 20; i++) {
      await assert.rejects(client.get(background, "/missing"), (err) => codeOf(err) === "not_found");
    }
    for (let i = 0; i < 20; i++) {
      const asked = up.asked;
      await canceledWhen(
        () => up.asked > asked,
        (inside) => client.get(inside, "/slow"),
      );
    }
    await using answer = await client.fetch(background, "/ok");
    assert.equal(answer.status, 200);
  });
});

// Cancels a call when something is so, and sees that this is what it throws.
async function canceledWhen(what: () => boolean, call: (ctx: Ctx) => Promise<unknown>): Promise<void> {
  using ctx = withCancel(background);
  const calling = assert.rejects(call(ctx), (err) => codeOf(err) === "canceled");
  await until(what);
  ctx.cancel();
  await calling;
}

describe("hedging", () => {
  // The first request to come is slow, all others are quick; it says when it is canceled.
  function slowFirst(canceled: () => void): Handler {
    let asked = 0;
    return async (ctx) => {
      if (asked++ > 0) return json("quick");
      try {
        await sleep(ctx, 60_000);
      } catch (err) {
        canceled();
        throw err;
      }
      return json("slow");
    };
  }

  test("a slow answer is asked for again, and the loser is canceled", async () => {
    const canceled = Promise.withResolvers<void>();
    await using up = await upstream(slowFirst(() => canceled.resolve()));
    await using client = newClient({ baseUrl: up.url, hedge: { delayMs: 50 } });
    assert.equal(await client.get(background, "/"), "quick");
    await canceled.promise;
    assert.equal(up.asked, 2);
  });

  for (const hedge of [undefined, { percentile: 0.8 }]) {
    test(`one answer in ten is slow, and ${hedge === undefined ? "one in ten waits" : "nobody waits"}`, async (t) => {
      const SLOW_MS = 600;
      let asked = 0;
      await using up = await upstream(async (ctx) => {
        if (++asked % 10 === 0) await sleep(ctx, SLOW_MS);
        return json("ok");
      });
      // The budget is what bounds a hedge when all is slow; here one in ten is what it is for.
      const retry = { budget: new RetryBudget({ ratio: 0.5 }) };
      await using client = newClient({ baseUrl: up.url, retry, ...(hedge !== undefined && { hedge }) });
      const tookMs: number[] = [];
      for (let i = 0; i < 30; i++) await client.get(background, "/warm");
      for (let i = 0; i < 60; i++) {
        const startedAt = performance.now();
        await client.get(background, "/");
        tookMs.push(performance.now() - startedAt);
      }
      const slow = tookMs.filter((ms) => ms >= SLOW_MS).length;
      t.diagnostic(`${slow} of 60 took ${SLOW_MS} ms, ${asked - 90} more requests were sent`);
      if (hedge === undefined) assert.ok(slow >= 5);
      else assert.ok(slow <= 2 && asked <= 90 * 1.6, `${slow} slow, ${asked} asked`);
    });
  }

  test("what is not idempotent is never", async () => {
    await using up = await upstream(slowFirst(() => undefined));
    await using client = newClient({ baseUrl: up.url, hedge: { delayMs: 10 } });
    using ctx = withTimeout(background, 200);
    await assert.rejects(client.post(ctx, "/", {}), (err) => codeOf(err) === "deadline_exceeded");
    assert.equal(up.asked, 1);
  });

  test("the slowest part, by what was seen before", async () => {
    let slow = false;
    await using up = await upstream(async (ctx) => {
      if (slow) {
        slow = false;
        await sleep(ctx, 60_000);
      }
      return json("ok");
    });
    await using client = newClient({ baseUrl: up.url, hedge: { percentile: 1 }, retry: { budget: new RetryBudget() } });
    for (let i = 0; i < 30; i++) await client.get(background, "/");
    slow = true;
    assert.equal(await client.get(background, "/"), "ok");
  });
});

test("a limit spaces the requests", async () => {
  await using up = await upstream(() => json(1));
  const limit = new TokenBucket({ perSecond: 50, burst: 1 });
  await using client = newClient({ baseUrl: up.url, limit });
  const startedAt = performance.now();
  for (let i = 0; i < 6; i++) await client.get(background, "/");
  assert.ok(performance.now() - startedAt >= 99, "five times 20 ms");
});

test("an answer of many problems is one error", async () => {
  await using up = await upstream(
    () => new Reply(503, "application/problem+json", `{"code":"unavailable","reason":"a/b"}`),
  );
  await using client = newClient({ baseUrl: up.url, retry: QUICK });
  await assert.rejects(client.get(background, "/"), (err: Failure) => {
    assert.deepEqual([err.code, err.reason], ["unavailable", "a/b"]);
    assert.match(err.message, /^after 3 attempts: http: GET \/: 503 Service Unavailable$/);
    return true;
  });
});
