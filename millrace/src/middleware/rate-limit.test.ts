import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, sleep } from "../context/index.ts";
import { Router, text } from "../http/index.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { headerOf } from "./on-reply.ts";
import { type RateLimitOptions, type RateLimitStore, rateLimit } from "./rate-limit.ts";

function setup(options: Partial<RateLimitOptions>): {
  ask: (from?: string, headers?: Record<string, string>) => Promise<string>;
  at: (ms: number) => void;
} {
  let now = 0;
  const clock = { now: () => now, elapsed: () => now };
  const handler = new Router()
    .use(rateLimit({ requests: 3, windowMs: 3000, clock, ...options }))
    .get("/", () => text("ok"))
    .handler();
  return {
    at: (ms) => (now = ms),
    ask: async (remoteAddress = "192.0.2.1", headers = {}) => {
      const exchange = new FakeExchange({ remoteAddress, headers });
      let reply;
      try {
        reply = await exchange.call(handler);
      } catch (err) {
        return (err as { reason: string }).reason;
      }
      const state = exchange.head?.[exchange.head.indexOf("ratelimit") + 1];
      return `${reply.status} ${state} ${headerOf(reply, "retry-after") ?? "-"}`;
    },
  };
}

test("RateLimit says what is left, Retry-After when there is one again", async () => {
  const { ask, at } = setup({ policy: "burst" });
  assert.equal(await ask(), '200 "burst";r=2;t=1 -');
  assert.equal(await ask(), '200 "burst";r=1;t=2 -');
  assert.equal(await ask(), '200 "burst";r=0;t=3 -');
  assert.equal(await ask(), '429 "burst";r=0;t=1 1');
  at(1500);
  assert.equal(await ask(), '200 "burst";r=0;t=3 -');
  assert.equal(await ask(), '429 "burst";r=0;t=1 1');
  at(100_000);
  assert.equal(await ask(), '200 "burst";r=2;t=1 -');
});

test("any two windows hold no more than a burst and a window's worth", async () => {
  const { ask, at } = setup({ requests: 10, windowMs: 1000 });
  const allowed: number[] = [];
  for (let ms = 0; ms < 10_000; ms += 7) {
    at(ms);
    if ((await ask()).startsWith("200")) allowed.push(ms);
  }
  for (const begin of allowed) assert.ok(allowed.filter((ms) => ms >= begin && ms < begin + 1000).length <= 20);
  assert.ok(Math.abs(allowed.length - 110) <= 2, `${allowed.length} allowed in 10 s`);
});

test("who is counted as one", async (t) => {
  const cases: { name: string; a: string; b: string; same: boolean }[] = [
    { name: "two IPv4 addresses", a: "192.0.2.1", b: "192.0.2.2", same: false },
    { name: "one IPv6 network", a: "2001:db8:1:2::1", b: "2001:db8:1:2:ffff::1", same: true },
    { name: "shortened", a: "2001:db8::1", b: "2001:db8:0:0:1::", same: true },
    { name: "two IPv6 networks", a: "2001:db8:1:2::1", b: "2001:db8:1:3::1", same: false },
    { name: "IPv4 in IPv6", a: "::ffff:192.0.2.1", b: "::ffff:192.0.2.2", same: false },
  ];
  for (const { name, a, b, same } of cases) {
    await t.test(name, async () => {
      const { ask } = setup({ requests: 1 });
      assert.match(await ask(a), /^200/);
      assert.match(await ask(b), same ? /^429/ : /^200/);
    });
  }
  const { ask } = setup({ requests: 1, key: (req) => req.header("x-api-key") ?? "nobody" });
  assert.match(await ask("192.0.2.1", { "x-api-key": "a" }), /^200/);
  assert.match(await ask("192.0.2.2", { "x-api-key": "a" }), /^429/);
  assert.match(await ask("192.0.2.1", { "x-api-key": "b" }), /^200/);
});

test("while its store is down each process counts for itself, and says so once a second", async () => {
  let down = false;
  const asked: string[] = [];
  const store: RateLimitStore = {
    take: async (_ctx, key, everyMs) => {
      asked.push(key);
      if (down) throw new Error("connection refused");
      return everyMs;
    },
  };
  const warned: string[] = [];
  const log = { warn: (_ctx: Ctx, message: string) => void warned.push(message) };
  const { ask, at } = setup({ store, log });
  for (let i = 0; i < 5; i++) assert.match(await ask(), /^200 "default";r=2/);
  assert.deepEqual(asked, Array(5).fill("default:192.0.2.1"));
  down = true;
  assert.deepEqual(
    [await ask(), await ask(), await ask(), await ask()].map((s) => s.slice(0, 3)),
    ["200", "200", "200", "429"],
  );
  assert.equal(warned.length, 1);
  assert.equal(asked.length, 6, "it is left alone for a second");
  at(1000);
  assert.match(await ask(), /^200/);
  assert.deepEqual([warned.length, asked.length], [2, 7]);
  down = false;
  at(2000);
  assert.match(await ask(), /^200 "default";r=2/);
});

test("or nobody passes, if that is asked for; a store that hangs is one that is down", async () => {
  const store: RateLimitStore = { take: (ctx) => sleep(ctx, 60_000).then(() => 0) };
  const { ask } = setup({ store, storeDown: "refuse", storeTimeoutMs: 1 });
  assert.equal(await ask(), "http/rate_limit_unavailable");
  assert.equal(await ask(), "http/rate_limit_unavailable");
});

test("bad options", () => {
  const cases: Partial<RateLimitOptions>[] = [
    { requests: 0 },
    { windowMs: 0.5 },
    { maxKeys: -1 },
    { storeTimeoutMs: 0 },
  ];
  for (const bad of cases) assert.throws(() => rateLimit({ requests: 1, ...bad }), RangeError);
  assert.throws(() => rateLimit({ requests: 1, policy: 'a"b' }), /policy/);
});
