import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { background, sleep } from "../../context/index.ts";
import { type Handler, json, text } from "../index.ts";
import { type ClientOptions, type Resolver, dnsResolver, newClient } from "./index.ts";
import { pick } from "./pick.ts";
import { upstream } from "./testing/upstream.ts";

const WORK_MS = 20;

const good: Handler = async (ctx) => {
  await sleep(ctx, WORK_MS);
  return json("ok");
};
const failing: Handler = () => text("broken", { status: 500 });

// Eight callers at a time ask for a while, and how many of the requests each upstream got.
async function traffic(
  handlers: readonly Handler[],
  options: Partial<ClientOptions> = {},
): Promise<{ shares: number[]; failed: number }> {
  await using ups = new AsyncDisposableStack();
  const all = await Promise.all(handlers.map(async (handler) => ups.use(await upstream(handler))));
  await using client = newClient({ resolver: () => all.map((one) => one.url), retry: false, ...options });
  let failed = 0;
  const caller = async (): Promise<void> => {
    for (let i = 0; i < 60; i++) await client.get(background, "/").catch(() => failed++);
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  const total = all.reduce((sum, one) => sum + one.asked, 0);
  return { shares: all.map((one) => one.asked / total), failed };
}

describe("several upstreams", () => {
  test("share the traffic", async (t) => {
    const { shares } = await traffic([good, good, good]);
    t.diagnostic(shares.map((one) => `${(100 * one).toFixed(1)} %`).join(", "));
    for (const share of shares) assert.ok(share > 0.2 && share < 0.47, shares.join());
  });

  test("one that fails at once does not attract the traffic", async (t) => {
    const { shares, failed } = await traffic([good, failing, good], { breaker: false });
    t.diagnostic(`the one that fails got ${(100 * shares[1]!).toFixed(1)} % without a breaker`);
    assert.ok(shares[1]! < 0.2, `${shares[1]}`);
    assert.ok(failed > 0, "it is tried from time to time");
  });

  test("with a breaker it gets next to nothing", async (t) => {
    const { shares, failed } = await traffic([good, failing, good], { breaker: { minCalls: 5 } });
    t.diagnostic(`the one that fails got ${(100 * shares[1]!).toFixed(1)} % with a breaker`);
    assert.ok(failed <= 15, `${failed} failed`);
  });

  test("a slow one gets less", async (t) => {
    const slow: Handler = async (ctx) => {
      await sleep(ctx, WORK_MS * 10);
      return json("ok");
    };
    const { shares } = await traffic([good, slow, good]);
    t.diagnostic(`the slow one got ${(100 * shares[1]!).toFixed(1)} %`);
    assert.ok(shares[1]! < 0.2, `${shares[1]}`);
  });

  test("what one refuses is sent to another", async () => {
    await using down = await upstream(() => text("no", { status: 503 }));
    await using up = await upstream(() => json("ok"));
    await using client = newClient({
      resolver: () => [down.url, up.url],
      retry: { attempts: 2, baseMs: 1 },
      breaker: false,
    });
    for (let i = 0; i < 10; i++) assert.equal(await client.get(background, "/"), "ok");
  });
});

describe("pick", () => {
  const at = (inFlight: number, penalty = 0, ready = true): Parameters<typeof pick>[0][number] => ({
    inFlight,
    penalty,
    ready,
  });
  // How often the first of several is chosen.
  const cases = [
    { name: "alone, always, even if it is not ready", all: [at(9, 9, false)], share: [1, 1] },
    { name: "two alike, half the time", all: [at(0), at(0)], share: [0.4, 0.6] },
    { name: "the less busy of two, always", all: [at(1), at(2)], share: [1, 1] },
    { name: "the busier of two, never", all: [at(3), at(2)], share: [0, 0] },
    { name: "a failure weighs as much as some in flight", all: [at(0, 1), at(4)], share: [0, 0] },
    { name: "the busiest of three, never", all: [at(9), at(1), at(1)], share: [0, 0] },
    { name: "the least busy of three, when it is one of the two", all: [at(0), at(1), at(1)], share: [0.56, 0.77] },
    { name: "one that is not ready, never", all: [at(0, 0, false), at(9)], share: [0, 0] },
    { name: "none is ready: as if all were", all: [at(0, 0, false), at(9, 0, false)], share: [1, 1] },
  ];
  for (const { name, all, share } of cases) {
    test(name, () => {
      let chosen = 0;
      for (let i = 0; i < 1000; i++) if (pick(all, new Set()) === all[0]) chosen++;
      assert.ok(chosen >= share[0]! * 1000 && chosen <= share[1]! * 1000, `${chosen} of 1000`);
    });
  }

  test("another than the last one, while there is one", () => {
    const [a, b] = [at(9), at(0)];
    assert.equal(pick([a, b], new Set([b])), a);
    assert.equal(pick([a, b], new Set([a, b])), b);
    assert.equal(pick([], new Set()), undefined);
  });
});

describe("resolvers", () => {
  test("all addresses of a name are upstreams that are called by it", async () => {
    const targets = await dnsResolver("http://localhost:8080")(background);
    assert.ok(targets.length > 0);
    for (const target of targets) {
      assert.ok(typeof target === "object" && target.host === "localhost:8080");
      assert.match(target.url, /^http:\/\/(?:127\.0\.0\.1|\[::1\]):8080$/);
    }
  });

  test("the upstream is called by its name", async () => {
    await using up = await upstream((_ctx, req) => text(req.header("host") ?? ""));
    await using client = newClient({ resolver: () => [{ url: up.url, host: "api.internal" }] });
    assert.equal(await (await client.fetch(background, "/")).text(), "api.internal");
  });

  const failures: readonly [name: string, resolver: Resolver][] = [
    ["fails", () => Promise.reject(new Error("no such name"))],
    ["finds nobody", () => []],
  ];
  for (const [name, resolver] of failures) {
    test(`one that ${name}`, async () => {
      await using client = newClient({ resolver, retry: false });
      await assert.rejects(client.get(background, "/"), { code: "unavailable", reason: "http/no_upstream" });
    });
  }
});
