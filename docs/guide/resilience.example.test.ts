import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, sleep, withCancel, withTimeout } from "millrace/context";
import { Failure, codeOf } from "millrace/errors";
import { newClient } from "millrace/http/client";
import { Registry, scrape } from "millrace/metrics";
import { ResilienceMetrics } from "millrace/metrics/resilience";
import {
  AdaptiveBreaker,
  Breaker,
  Gcra,
  Latencies,
  Limiter,
  RetryBudget,
  TokenBucket,
  hedge,
  retry,
} from "millrace/resilience";
import { bubble } from "millrace/test";

const registry = new Registry();

const post = { down: false, delivered: 0, slowMs: 5 };

async function deliver(ctx: Ctx, letter: string): Promise<string> {
  await sleep(ctx, post.slowMs);
  if (post.down) throw new Failure("the post is closed", { code: "unavailable" });
  return `${letter} ${++post.delivered}`;
}

test("a call through all pieces", async () => {
  await bubble(async (t) => {
    const metrics = new ResilienceMetrics(registry, "mail");
    const budget = new RetryBudget();
    const limiter = new Limiter({ name: "mail", concurrency: 16, maxWaiting: 100, hooks: metrics });
    const breaker = new Breaker({ name: "mail", hooks: metrics });
    metrics.watch({ breakers: () => [breaker], limiters: () => [limiter] });

    async function sendMail(ctx: Ctx, letter: string): Promise<string> {
      return retry(ctx, { budget, attemptTimeoutMs: 2000, hooks: metrics }, (ctx) =>
        limiter.do(ctx, (ctx) => breaker.do(ctx, (ctx) => deliver(ctx, letter))),
      );
    }

    async function impatient(ctx: Ctx): Promise<string> {
      using limited = withTimeout(ctx, 50);
      return await sendMail(limited, "hello");
    }

    assert.equal(await impatient(t.ctx), "hello 1");
    post.slowMs = 1000;
    // Callers who leave are no failures.
    for (let i = 0; i < 50; i++) {
      const ctx = withCancel(t.ctx);
      const sent = sendMail(ctx, "never").catch(codeOf);
      await sleep(t.ctx, 1);
      ctx.cancel();
      assert.equal(await sent, "canceled");
    }
    assert.equal(breaker.state, "closed");
    const since = performance.now();
    assert.equal(await impatient(t.ctx).catch(codeOf), "deadline_exceeded");
    assert.equal(performance.now() - since, 50);

    // An outage opens the breaker; then calls end at once, unless they have the time to wait for it.
    post.down = true;
    post.slowMs = 1;
    for (let i = 0; i < 20; i++) await sendMail(t.ctx, "lost").catch(() => undefined);
    assert.equal(breaker.state, "open");
    assert.equal(await impatient(t.ctx).catch((err: Failure) => err.reason), "resilience/breaker_open");
    post.down = false;
    assert.equal(await sendMail(t.ctx, "again"), "again 2");
    assert.equal(breaker.state, "closed");

    const { body } = scrape(registry);
    assert.match(body, /^resilience_retry_calls_total{name="mail",outcome="canceled",attempts="1"} 50$/m);
    assert.match(body, /^resilience_breakers{name="mail",state="closed"} 1$/m);
    assert.match(body, /^resilience_refused_total{name="mail",by="breaker"} \d+$/m);

    const latencies = new Latencies();

    async function quote(ctx: Ctx): Promise<number> {
      const since = performance.now();
      const delayMs = latencies.percentile(0.95) ?? 100;
      const price = await hedge(ctx, { delayMs, budget, hooks: metrics }, fetchQuote);
      latencies.record(performance.now() - since);
      return price;
    }

    assert.equal(await quote(t.ctx), 42);
    assert.equal(quotes, 2, "the first was slow");

    const bucket = new TokenBucket({ perSecond: 50, burst: 10, hooks: metrics });
    const logins = new Gcra({ perSecond: 0.1, burst: 5, hooks: metrics });

    async function login(ctx: Ctx, account: string): Promise<string> {
      const { ok, retryAfterMs } = logins.take(account);
      const detail = `Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
      if (!ok) throw new Failure(`${account} tries too often`, { code: "resource_exhausted", detail });
      await bucket.wait(ctx);
      return `welcome, ${account}`;
    }

    for (let i = 0; i < 5; i++) assert.equal(await login(t.ctx, "ada"), "welcome, ada");
    await assert.rejects(login(t.ctx, "ada"), (err: Failure) => err.detail === "Try again in 10 s.");
    assert.equal(await login(t.ctx, "bob"), "welcome, bob");
  });
});

let quotes = 0;

async function fetchQuote(ctx: Ctx): Promise<number> {
  await sleep(ctx, quotes++ === 0 ? 1000 : 10);
  return 42;
}

test("a client with another breaker", async () => {
  const baseUrl = "http://search.internal";
  const search = newClient({
    baseUrl,
    breaker: (own) => new AdaptiveBreaker({ ...own, windowMs: 10_000 }),
    resilience: new ResilienceMetrics(registry, "search"),
  });
  await search[Symbol.asyncDispose]();
  assert.match(scrape(registry).body, /^resilience_breakers{name="search",state="closed"} 0$/m);
});
