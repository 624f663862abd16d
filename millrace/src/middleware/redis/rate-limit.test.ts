import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@redis/client";
import { Redis } from "ioredis";
import { background } from "../../context/index.ts";
import { type Ctx } from "../../context/index.ts";
import { Router, text } from "../../http/index.ts";
import { FakeExchange } from "../../http/testing/fake-exchange.ts";
import { hasRedis, startRedis } from "../../../../tools/redis.ts";
import { rateLimit } from "../index.ts";
import { redisRateLimit } from "./rate-limit.ts";

const skip = hasRedis() ? false : "needs redis: apt-get install redis-server";

async function connect(url: string) {
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 20 } });
  client.on("error", () => undefined);
  await client.connect();
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
}

test("several processes' worth of clients share one count", { skip, timeout: 60_000 }, async () => {
  await using redis = await startRedis();
  using one = await connect(redis.url);
  using two = await connect(redis.url);
  const stores = [redisRateLimit(one), redisRateLimit(two)];
  const used = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => stores[i % 2]!.take(background, "a", 600_000, 6_000_000)),
  );
  assert.equal(used.filter((ms) => ms <= 6_000_000).length, 10, "exactly as many as are allowed");
  assert.ok(used.every((ms) => ms > 0 && ms <= 6_600_000 + 1));
  assert.ok((await stores[0]!.take(background, "b", 600_000, 6_000_000)) <= 600_000);
  const ttl = await one.pTTL("ratelimit:a");
  assert.ok(ttl > 5_900_000 && ttl <= 6_000_001, `a key lives as long as it counts: ${ttl} ms`);
  // One command a request, from the second on.
  const before = await one.info("commandstats");
  for (let i = 0; i < 5; i++) await stores[0]!.take(background, "c", 1000, 6000);
  const calls = (text: string, name: string): number =>
    Number(new RegExp(`_${name}:calls=(\\d+)`).exec(text)?.[1] ?? 0);
  const after = await one.info("commandstats");
  assert.equal(calls(after, "evalsha") - calls(before, "evalsha"), 5);
  assert.equal(calls(after, "eval"), calls(before, "eval"));
});

test("ioredis does as well, and counts together with the other", { skip, timeout: 60_000 }, async () => {
  await using redis = await startRedis();
  using one = await connect(redis.url);
  const io = new Redis(redis.url, { enableOfflineQueue: false, lazyConnect: true });
  await io.connect();
  try {
    // Word for word what RedisClient's comment says.
    const client = { sendCommand: ([name = "", ...args]: string[]) => io.call(name, ...args) };
    const stores = [redisRateLimit(client), redisRateLimit(one)];
    // The first call finds no script in Redis.
    const used: number[] = [];
    for (let i = 0; i < 8; i++) used.push(await stores[i % 2]!.take(background, "a", 600_000, 3_000_000));
    assert.equal(used.filter((ms) => ms <= 3_000_000).length, 5);
    await io.script("FLUSH");
    assert.ok((await stores[0]!.take(background, "b", 1000, 6000)) <= 1000, "the script is loaded again");
  } finally {
    io.disconnect();
  }
});

test("it gives back what time gives back, on the server's clock", { skip, timeout: 60_000 }, async () => {
  await using redis = await startRedis();
  using client = await connect(redis.url);
  const store = redisRateLimit(client);
  assert.equal(await store.take(background, "a", 50, 50), 50);
  // As long as nothing has come back, it is refused; then it is not.
  for (const end = performance.now() + 5000; (await store.take(background, "a", 50, 50)) > 50;) {
    assert.ok(performance.now() < end, "nothing came back");
  }
});

test("Redis goes and comes back", { skip, timeout: 60_000 }, async () => {
  await using redis = await startRedis();
  using client = await connect(redis.url);
  let now = 0;
  const warned: string[] = [];
  const handler = new Router()
    .use(
      rateLimit({
        requests: 2,
        windowMs: 3_600_000,
        store: redisRateLimit(client),
        storeTimeoutMs: 5000,
        log: { warn: (_ctx: Ctx, message: string) => void warned.push(message) },
        clock: { now: () => now, elapsed: () => now },
      }),
    )
    .get("/", () => text("ok"))
    .handler();
  const ask = async (): Promise<number> => (await new FakeExchange().call(handler)).status;
  assert.deepEqual([await ask(), await ask(), await ask()], [200, 200, 429]);
  await redis.kill9();
  assert.deepEqual([await ask(), await ask(), await ask()], [200, 200, 429], "its own count decides");
  assert.equal(warned.length, 1);
  await redis.restart();
  for (const end = performance.now() + 20_000; !client.isReady;) {
    assert.ok(performance.now() < end, "not connected again");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  now = 1000;
  assert.deepEqual([await ask(), await ask(), await ask()], [200, 200, 429], "the script is loaded again");
  assert.equal(warned.length, 1);
});
