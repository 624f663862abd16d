import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, sleep } from "../context/index.ts";
import { type Handler, Router, stream, text } from "../http/index.ts";
import { serve, signal, within } from "../http/node/testing/setup.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { bubble } from "../test/bubble.ts";
import { Gradient } from "./gradient.ts";
import { type InFlightLimitOptions, inFlightLimit } from "./in-flight-limit.ts";
import { headerOf } from "./on-reply.ts";

function ask(handler: Handler, exchange: FakeExchange = new FakeExchange()): Promise<string> {
  return exchange.call(handler).then(
    (reply) => `${reply.status} ${headerOf(reply, "retry-after") ?? "-"}`,
    (err: unknown) => (err as { code: string }).code,
  );
}

function limited(options: InFlightLimitOptions, handler: Handler): Handler {
  return new Router().use(inFlightLimit(options)).get("/", handler).handler();
}

test("so many run, so many wait, the rest is shed", async () => {
  await bubble(async () => {
    const begun: string[] = [];
    const handler = limited({ limit: 2, queue: 2 }, async (ctx) => {
      begun.push(`at ${performance.now()}`);
      await sleep(ctx, 100);
      return text("ok");
    });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(handler)));
    assert.deepEqual(answers, ["200 -", "200 -", "200 -", "200 -", "503 1", "503 1"]);
    assert.deepEqual(begun, ["at 0", "at 0", "at 100", "at 100"]);
    assert.equal(await ask(handler), "200 -");
  });
});

test("who waits too long is shed, who goes leaves the queue, and both let nobody starve", async () => {
  await bubble(async () => {
    const handler = limited({ limit: 1, queue: 3, queueTimeoutMs: 50, retryAfterSeconds: 7 }, async (ctx) => {
      await sleep(ctx, 60);
      return text("ok");
    });
    const first = ask(handler);
    const second = ask(handler);
    const goes = new FakeExchange();
    const third = ask(handler, goes);
    await sleep(goes, 10);
    goes.cancel();
    assert.equal(await third, "canceled");
    assert.equal(await second, "503 7");
    assert.equal(performance.now(), 50);
    const last = ask(handler);
    assert.deepEqual([await first, await last], ["200 -", "200 -"]);
    assert.equal(performance.now(), 120);
  });
});

test("a handler that throws, at once or later, leaves", async () => {
  for (const failing of [
    () => {
      throw new Error("at once");
    },
    async () => {
      throw new Error("later");
    },
  ] as Handler[]) {
    const handler = limited({ limit: 1, queue: 0 }, failing);
    for (let i = 0; i < 3; i++) await assert.rejects(new FakeExchange().call(handler), /at once|later/);
  }
});

test("a stream runs until it has been sent, or its client has gone", async () => {
  const open = signal();
  let release = signal();
  const body = async function* (ctx: Ctx): AsyncGenerator<string> {
    yield "begin";
    open.fire();
    await Promise.race([release.promise, sleep(ctx, 60_000)]);
  };
  const router = new Router()
    .use(inFlightLimit({ limit: 1, queue: 0 }))
    .get("/", (ctx) => stream(body(ctx)))
    .get("/short", () => text("ok"));
  await using up = await serve(router);
  const short = async (): Promise<number> => (await fetch(`${up.server.url}/short`)).status;
  const whole = fetch(up.server.url).then((res) => res.text());
  await within(5000, open.promise);
  assert.equal(await short(), 503);
  release.fire();
  assert.equal(await within(5000, whole), "begin");
  assert.equal(await short(), 200);
  release = signal();
  const browser = new AbortController();
  const res = await fetch(up.server.url, { signal: browser.signal });
  assert.equal(await short(), 503);
  browser.abort();
  await assert.rejects(res.text());
  for (const end = performance.now() + 5000; (await short()) !== 200;) assert.ok(performance.now() < end);
});

// A server that does so many at a time: with more inside, each takes longer in proportion.
function simulate(gradient: Gradient, capacity: number, offered: number, from: number, steps: number): number {
  const baseMs = 10;
  let now = from;
  for (let i = 0; i < steps; i++) {
    const running = Math.min(offered, gradient.limit);
    const ms = baseMs * Math.max(1, running / capacity);
    for (let n = 0; n < running; n++) gradient.sample(now + ms, ms, running);
    now += ms;
  }
  return now;
}

test("the adaptive limit finds about what can be done at once", () => {
  const gradient = new Gradient({ initial: 20, min: 5, max: 1000 });
  let now = simulate(gradient, 50, 500, 0, 100_000);
  assert.ok(gradient.limit >= 40 && gradient.limit <= 90, `${gradient.limit} for a capacity of 50`);
  const before = gradient.limit;
  // Something behind it has become five times slower.
  now = simulate(gradient, 10, 500, now, 1000);
  assert.ok(gradient.limit < before * 0.5, `${gradient.limit} after ${before}`);
  now = simulate(gradient, 50, 500, now, 20_000);
  assert.ok(gradient.limit >= 40, `${gradient.limit} when it is well again`);
  const used = gradient.limit;
  simulate(gradient, 50, 3, now, 5000);
  assert.equal(gradient.limit, used, "what is not in use says nothing");
});

test("it stays within its bounds", () => {
  const gradient = new Gradient({ initial: 20, min: 10, max: 30 });
  simulate(gradient, 1e9, 1000, 0, 1000);
  assert.equal(gradient.limit, 30);
  for (let now = 1e6, ms = 1; ms < 1e9; ms *= 3, now += 1000) {
    for (let i = 0; i < 10; i++) gradient.sample(now, ms, gradient.limit);
  }
  assert.ok(gradient.limit >= 10 && gradient.limit < 15, String(gradient.limit));
});

test("bad options", () => {
  for (const bad of [
    { limit: 0 },
    { limit: 1, queue: -1 },
    { limit: 1, queueTimeoutMs: 0 },
    { limit: 1, retryAfterSeconds: 0.5 },
    { limit: 9, adaptive: { min: 0, max: 10 } },
    { limit: 9, adaptive: { min: 1, max: 8 } },
  ]) {
    assert.throws(() => inFlightLimit(bad), RangeError, JSON.stringify(bad));
  }
});
