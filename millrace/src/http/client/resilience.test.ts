import assert from "node:assert/strict";
import { test } from "node:test";
import { background, sleep, withTimeout } from "../../context/index.ts";
import { codeOf } from "../../errors/index.ts";
import { Registry, scrape } from "../../metrics/index.ts";
import { ResilienceMetrics } from "../../metrics/resilience/index.ts";
import { AdaptiveBreaker, Refused, RetryBudget } from "../../resilience/index.ts";
import { json, text } from "../index.ts";
import { newClient } from "./index.ts";
import { until, upstream } from "./testing/upstream.ts";

/** value is a sample's value, undefined if there is none. */
function value(registry: Registry, sample: string): number | undefined {
  const lines = scrape(registry).body.split("\n");
  const line = lines.find((line) => line.startsWith(`resilience_${sample} `));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")));
}

test("one option shows what a client puts up with", async () => {
  const registry = new Registry();
  const resilience = new ResilienceMetrics(registry, "billing");
  const waiting: (() => void)[] = [];
  await using up = await upstream(async (ctx, req) => {
    if (req.path === "/slow" && up.asked === 1) await sleep(ctx, 60_000);
    if (req.path === "/held") await new Promise<void>((resolve) => waiting.push(resolve));
    return req.path === "/down" ? text("no", { status: 503 }) : json(1);
  });
  const breaker = { minCalls: 5, openMs: 60_000 };
  {
    await using client = newClient({ baseUrl: up.url, resilience, hedge: { delayMs: 20 } });
    assert.equal(value(registry, 'breakers{name="billing",state="closed"}'), 0, "it calls nobody yet");
    await client.get(background, "/slow");
    assert.equal(value(registry, 'hedges_total{name="billing"}'), 1);
    assert.equal(value(registry, 'hedges_won_total{name="billing"}'), 1);
    assert.equal(value(registry, 'breakers{name="billing",state="closed"}'), 1);
    assert.equal(value(registry, 'retry_calls_total{name="billing",outcome="success",attempts="1"}'), 1);
  }
  await using client = newClient({ baseUrl: up.url, resilience, breaker, retry: { baseMs: 1 }, maxConnections: 1 });
  const held = [client.get(background, "/held"), client.get(background, "/held")];
  await until(() => waiting.length === 1 && value(registry, 'limiter_calls{name="billing",state="waiting"}') === 1);
  assert.equal(value(registry, 'limiter_calls{name="billing",state="running"}'), 1);
  waiting[0]!();
  await until(() => waiting.length === 2);
  waiting[1]!();
  await Promise.all(held);
  await assert.rejects(client.get(background, "/down"));
  assert.equal(value(registry, 'retry_calls_total{name="billing",outcome="attempts",attempts="3"}'), 1);
  assert.equal(value(registry, 'breaker_changes_total{name="billing",to="open"}'), 1);
  assert.equal(value(registry, 'breakers{name="billing",state="open"}'), 1);
  assert.equal(value(registry, 'breakers{name="billing",state="closed"}'), 0, "the client that was closed has none");
  await assert.rejects(client.get(background, "/down"), Refused);
  assert.equal(value(registry, 'refused_total{name="billing",by="breaker"}'), 1);
  assert.equal(value(registry, 'retry_calls_total{name="billing",outcome="not_retryable",attempts="1"}'), 1);
});

test("hooks that throw harm no call", async () => {
  const broken = (): never => {
    throw new Error("a broken metric");
  };
  const resilience = { watch: broken, retried: broken, waited: broken, breakerChanged: broken, refused: broken };
  await using up = await upstream(() => json("ok"));
  await using client = newClient({ baseUrl: up.url, resilience });
  assert.equal(await client.get(background, "/"), "ok");
});

for (const status of [503, 429]) {
  test(`with an adaptive breaker an upstream that answers ${status} is asked less, and has all again when it is well`, async () => {
    let down = true;
    const names = new Set<string>();
    await using up = await upstream(() => (down ? text("no", { status }) : json("ok")));
    await using client = newClient({
      baseUrl: up.url,
      retry: { baseMs: 1, maxMs: 1, budget: new RetryBudget({ ratio: 0, minPerSecond: 0 }) },
      breaker: (own) => {
        names.add(own.name);
        return new AdaptiveBreaker({ ...own, windowMs: 300 });
      },
    });
    const CALLS = 300;
    for (let i = 0; i < CALLS; i++) await client.get(background, "/").catch(() => undefined);
    // Of requests that all fail one in as many as there are in the window is made: some 10 in all.
    assert.ok(up.asked < CALLS / 2, `${up.asked}`);
    assert.deepEqual([...names], [up.url]);
    down = false;
    // What has failed leaves the window within one window; then each that passes lets two more through.
    using ctx = withTimeout(background, 20_000);
    for (let good = 0; good < 20;) {
      const code = await client.get(ctx, "/").then(() => "ok", codeOf);
      good = code === "ok" ? good + 1 : 0;
      if (code !== "ok") await sleep(ctx, 10);
    }
  });
}
