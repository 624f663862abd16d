import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type Ctx, background } from "millrace/context";
import { Failure, codeOf, is, wrap } from "millrace/errors";
import { type Handler, Router, json, text } from "millrace/http";
import { type Client, dnsResolver, newClient } from "millrace/http/client";
import { listen } from "millrace/http/node";
import { proxy } from "millrace/http/proxy";
import { bodyLimit, clientIp } from "millrace/middleware";
import { Breaker, RetryBudget, retry } from "millrace/resilience";
import { runningTasks } from "millrace/task";
import { z } from "zod";

afterEach(() => assert.deepEqual(runningTasks(), []));

// A server for an example.
async function serve(handler: Router | Handler): Promise<{ url: string } & AsyncDisposable> {
  return await listen(background, { addr: "127.0.0.1:0", handler, idleGraceMs: 1, log: { error: () => undefined } });
}

test("a client is made without a connection", async () => {
  const billing = newClient({ baseUrl: "https://billing.internal/v1" });
  const pricing = newClient({ resolver: dnsResolver("http://pricing.internal:8080") });
  for (const client of [billing, pricing]) await client[Symbol.asyncDispose]();
});

const Invoice = z.object({ id: z.string(), total: z.string() });

async function invoice(ctx: Ctx, billing: Client, id: string) {
  return billing.get(ctx, `/invoices/${encodeURIComponent(id)}`, { schema: Invoice });
}

async function findInvoice(ctx: Ctx, billing: Client, id: string) {
  try {
    return await invoice(ctx, billing, id);
  } catch (err) {
    if (is(err, "not_found")) return undefined;
    throw wrap(err, `invoice ${id}`);
  }
}

async function pay(ctx: Ctx, billing: Client, id: string, key: string) {
  await billing.post(ctx, `/invoices/${id}/payment`, { method: "card" }, { idempotencyKey: key });
}

test("reading, not finding, and paying in spite of a failure", async () => {
  const keys: (string | undefined)[] = [];
  const routes = new Router();
  routes.get("/invoices/:id", (_ctx, req) => {
    if (req.params.id === "9") throw new Failure("no invoice 9", { code: "not_found", reason: "billing/no_invoice" });
    return json({ id: req.params.id, total: "12.50" });
  });
  routes.post("/invoices/:id/payment", (_ctx, req) => {
    keys.push(req.header("idempotency-key"));
    return keys.length === 1 ? text("busy", { status: 503 }) : json({});
  });
  await using server = await serve(routes);
  await using billing = newClient({ baseUrl: server.url });
  assert.deepEqual(await findInvoice(background, billing, "a/b"), { id: "a/b", total: "12.50" });
  assert.equal(await findInvoice(background, billing, "9"), undefined);
  await pay(background, billing, "1", "k-1");
  assert.deepEqual(keys, ["k-1", "k-1"]);
});

test("a client with limits of its own", async () => {
  await using server = await serve(() => json([]));
  const baseUrl = server.url;
  const search = newClient({
    baseUrl,
    timeoutMs: 2000,
    retry: { attempts: 2, attemptTimeoutMs: 800 },
    breaker: { failureRate: 0.3, openMs: 2000 },
    hedge: { percentile: 0.95 },
    maxConnections: 32,
  });
  await using _ = search;
  assert.deepEqual(await search.get(background, "/"), []);
});

async function download(ctx: Ctx, files: Client, name: string, write: (chunk: Uint8Array) => Promise<void>) {
  await using answer = await files.fetch(ctx, `/files/${encodeURIComponent(name)}`);
  for await (const chunk of answer.stream()) await write(chunk);
}

test("a body that comes in pieces", async () => {
  await using server = await serve(() => text("x".repeat(200_000)));
  await using files = newClient({ baseUrl: server.url });
  let size = 0;
  await download(background, files, "a b", async (chunk) => void (size += chunk.byteLength));
  assert.equal(size, 200_000);
});

const budget = new RetryBudget();
const breaker = new Breaker({ name: "mail" });

async function sendMail(ctx: Ctx, deliver: (ctx: Ctx) => Promise<void>) {
  await retry(ctx, { budget, attemptTimeoutMs: 2000 }, (ctx) => breaker.do(ctx, deliver));
}

test("the parts alone", async () => {
  let calls = 0;
  await sendMail(background, async () => {
    if (++calls === 1) throw new Failure("try later", { code: "unavailable" });
  });
  assert.equal(calls, 2);
  const wrong = sendMail(background, () => Promise.reject(new Failure("no such address", { code: "not_found" })));
  await assert.rejects(wrong, (err) => codeOf(err) === "not_found");
});

test("a reverse proxy", async () => {
  await using server = await serve((_ctx, req) => json([req.path, req.header("x-forwarded-for")]));
  await using client = newClient({ baseUrl: server.url });
  const router = new Router().use(clientIp({ trusted: ["10.0.0.0/8"] }), bodyLimit(100 * 1024 * 1024));
  router.handle("/api/**", proxy(client));
  await using front = await serve(router);
  const response = await fetch(`${front.url}/api/users`, { headers: { "x-forwarded-for": "6.6.6.6" } });
  assert.deepEqual(await response.json(), ["/api/users", "127.0.0.1"]);
});
