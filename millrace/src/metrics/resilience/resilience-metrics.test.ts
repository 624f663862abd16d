import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { Breaker, Gcra, Limiter, RetryBudget, TokenBucket, hedge, retry } from "../../resilience/index.ts";
import { bubble } from "../../test/index.ts";
import { Registry, scrape } from "../index.ts";
import { ResilienceMetrics } from "./resilience-metrics.ts";

const down = (): never => {
  throw new Failure("down", { code: "unavailable" });
};

/** samples are the lines of a scrape for a name, without that, and without those that are 0. */
function samples(registry: Registry, name: string): Record<string, number> {
  const lines = scrape(registry).body.matchAll(/^resilience_(\w+){name="([^"]*)",?([^}]*)} (\d+)$/gm);
  const found = [...lines].filter(([, , of, labels, n]) => of === name && n !== "0" && !labels?.includes("le="));
  return Object.fromEntries(found.map(([, metric, , labels, n]) => [`${metric} ${labels}`.trim(), Number(n)]));
}

test("every piece is counted", async () => {
  await bubble(async (t) => {
    const registry = new Registry();
    const hooks = new ResilienceMetrics(registry, "billing");
    const attempts = { baseMs: 1, hooks };
    await retry(t.ctx, attempts, () => 1);
    await retry(t.ctx, attempts, (_ctx, n) => (n < 3 ? down() : n));
    await assert.rejects(retry(t.ctx, attempts, down));
    await assert.rejects(retry(t.ctx, { ...attempts, attempts: 11 }, down));
    await assert.rejects(retry(t.ctx, { ...attempts, budget: new RetryBudget({ ratio: 0, minPerSecond: 0 }) }, down));
    await hedge(t.ctx, { delayMs: 10, hooks }, (ctx) => sleep(ctx, 5));
    await hedge(t.ctx, { delayMs: 10, max: 3, hooks }, (ctx, n) => sleep(ctx, n === 2 ? 15 : 60));

    const breaker = new Breaker({ minCalls: 1, hooks });
    const limiter = new Limiter({ concurrency: 1, maxWaiting: 1, hooks });
    hooks.watch({ breakers: () => [breaker] });
    hooks.watch({ limiters: () => [limiter, limiter] });
    const others = new ResilienceMetrics(registry, "mail");
    others.watch({ breakers: () => [new Breaker()] });
    await assert.rejects(breaker.do(t.ctx, down));
    await assert.rejects(breaker.do(t.ctx, down));
    const calls = [1, 2, 3].map(() => limiter.do(t.ctx, (ctx) => sleep(ctx, 100)));
    const ends = Promise.allSettled(calls);
    await t.settle();
    const while_ = samples(registry, "billing");
    assert.deepEqual([while_['limiter_calls state="running"'], while_['limiter_calls state="waiting"']], [2, 2]);
    await ends;

    const bucket = new TokenBucket({ perSecond: 1, burst: 1, hooks });
    await bucket.wait(t.ctx);
    assert.equal(bucket.tryTake(), false);
    const gcra = new Gcra({ perSecond: 1, burst: 1, hooks });
    assert.deepEqual([gcra.tryTake("a"), gcra.tryTake("a"), gcra.tryTake("b")], [true, false, true]);

    assert.deepEqual(samples(registry, "billing"), {
      'breaker_changes_total to="open"': 1,
      'breakers state="open"': 1,
      hedges_total: 2,
      hedges_won_total: 1,
      'refused_total by="breaker"': 1,
      'refused_total by="gcra"': 1,
      'refused_total by="limiter"': 1,
      'refused_total by="token_bucket"': 1,
      'retry_calls_total outcome="attempts",attempts="10+"': 1,
      'retry_calls_total outcome="attempts",attempts="3"': 1,
      'retry_calls_total outcome="budget",attempts="1"': 1,
      'retry_calls_total outcome="success",attempts="1"': 1,
      'retry_calls_total outcome="success",attempts="3"': 1,
      'wait_seconds_count by="limiter"': 2,
      'wait_seconds_count by="token_bucket"': 1,
    });
    assert.deepEqual(samples(registry, "mail"), { 'breakers state="closed"': 1 });
    await sleep(t.ctx, 5000);
    await breaker.do(t.ctx, () => 1);
    const after = samples(registry, "billing");
    assert.deepEqual([after['breakers state="closed"'], after['breaker_changes_total to="half_open"']], [1, 1]);
  });
});
