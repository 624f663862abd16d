import assert from "node:assert/strict";
import { test } from "node:test";
import { background } from "../../context/index.ts";
import { Router, noContent, text } from "../../http/index.ts";
import { bothHooks, newClient } from "../../http/client/index.ts";
import { serve } from "../../http/node/testing/setup.ts";
import { Registry, scrape } from "../index.ts";
import { clientMetrics } from "./client-metrics.ts";

/** counts gives the number of observations by "METHOD status error". */
function counts(registry: Registry, host: string): Record<string, number> {
  const body = scrape(registry).body;
  const line = /_count{server_address="(.*)",http_request_method="(\w+)",.*_code="(\d*)",error_type="(\w*)"} (\d+)/g;
  const found = [...body.matchAll(line)].filter(([, address]) => address === host);
  return Object.fromEntries(found.map(([, , method, status, error, n]) => [`${method} ${status} ${error}`, Number(n)]));
}

test("what a client sends is counted by host, method and what came of it", async () => {
  const registry = new Registry();
  let unhappy = 1;
  const router = new Router()
    .get("/", () => text("ok"))
    .post("/", () => noContent())
    .get("/once", () => (unhappy-- > 0 ? text("no", { status: 503 }) : text("ok")));
  let host: string;
  let told = 0;
  {
    await using up = await serve(router);
    host = new URL(up.server.url).host;
    const other = { request: () => ({ end: () => void told++ }) };
    const hooks = bothHooks(other, clientMetrics(registry));
    await using client = newClient({ baseUrl: up.server.url, hooks, retry: { attempts: 2 } });
    await client.fetch(background, "/").then((res) => res.text());
    await client.fetch(background, "/", { method: "POST" }).then((res) => res.text());
    await client.fetch(background, "/once").then((res) => res.text());
    await assert.rejects(client.get(background, "/nowhere"));
  }
  assert.deepEqual(counts(registry, host), { "GET 200 ": 2, "POST 204 ": 1, "GET 503 503": 1, "GET 404 404": 1 });
  assert.equal(told, 5, "the other hooks hear of all as well");
  await using lost = newClient({ baseUrl: `http://${host}`, retry: false, hooks: clientMetrics(registry) });
  await assert.rejects(lost.get(background, "/"));
  assert.equal(counts(registry, host)["GET  unavailable"], 1);
});
