import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, sleep } from "../../context/index.ts";
import { bubble } from "../../test/index.ts";
import type { Target } from "./resolver.ts";
import { Upstreams } from "./upstreams.ts";

const OPTIONS = { maxConnections: 1, maxWaiting: 0, connectTimeoutMs: 1000, tls: undefined, breaker: false } as const;

// Which upstreams there are, by asking often enough.
async function seen(ctx: Ctx, upstreams: Upstreams): Promise<string[]> {
  const keys = new Set<string>();
  for (let i = 0; i < 50; i++) keys.add((await upstreams.pick(ctx, new Set())).key);
  return [...keys].toSorted();
}

test("the list is looked up anew every 30 s, beside the requests, and an old one serves while that fails", async () => {
  await bubble(async (t) => {
    let asked = 0;
    let found: readonly Target[] | undefined = ["http://a:1/", "http://a:1", "http://b:1"];
    await using upstreams = new Upstreams(async (ctx) => {
      asked++;
      await sleep(ctx, 10);
      if (found === undefined) throw new Error("the name server is down");
      return found;
    }, OPTIONS);
    assert.deepEqual(await seen(t.ctx, upstreams), ["http://a:1", "http://b:1"]);
    assert.equal(asked, 1);
    const kept = await upstreams.pick(t.ctx, new Set());
    found = [kept.key, "http://c:1"];
    await sleep(t.ctx, 31_000);
    await seen(t.ctx, upstreams);
    await sleep(t.ctx, 100);
    assert.deepEqual(await seen(t.ctx, upstreams), [kept.key, "http://c:1"]);
    assert.equal(asked, 2);
    let same = false;
    for (let i = 0; i < 50; i++) same ||= (await upstreams.pick(t.ctx, new Set())) === kept;
    assert.ok(same, "an upstream that stays keeps its connections");
    for (const answer of [undefined, []]) {
      found = answer;
      await sleep(t.ctx, 60_000);
      await seen(t.ctx, upstreams);
      await sleep(t.ctx, 100);
      assert.deepEqual(await seen(t.ctx, upstreams), [kept.key, "http://c:1"]);
    }
    found = ["http://d:1"];
    await sleep(t.ctx, 6000);
    await seen(t.ctx, upstreams);
    await sleep(t.ctx, 100);
    assert.deepEqual(await seen(t.ctx, upstreams), ["http://d:1"]);
  });
});

test("whoever comes first looks it up for all", async () => {
  await bubble(async (t) => {
    let asked = 0;
    await using upstreams = new Upstreams(async (ctx) => {
      asked++;
      await sleep(ctx, 10);
      return ["http://a:1"];
    }, OPTIONS);
    await Promise.all(Array.from({ length: 5 }, () => upstreams.pick(t.ctx, new Set())));
    assert.equal(asked, 1);
  });
});

test("a resolver that hangs is given up after 5 s", async () => {
  await bubble(async (t) => {
    await using upstreams = new Upstreams(async (ctx) => {
      await sleep(ctx, 3_600_000);
      return [];
    }, OPTIONS);
    await assert.rejects(upstreams.pick(t.ctx, new Set()), { reason: "http/no_upstream" });
    assert.equal(performance.now(), 5000);
  });
});
