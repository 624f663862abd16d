import assert from "node:assert/strict";
import { test } from "node:test";
import { ValidationFailure } from "../errors/index.ts";
import { endpoint } from "./endpoint.ts";
import { json } from "./reply.ts";
import { Router } from "./router.ts";
import type { SchemaIssue, StandardSchema } from "../schema/index.ts";
import { FakeExchange } from "./testing/fake-exchange.ts";

// A schema of fields that must be whole numbers; asynchronous on request.
function numbers<K extends string>(keys: readonly K[], later = false): StandardSchema<Record<K, number>> {
  const check = (value: unknown): { value: Record<K, number> } | { issues: SchemaIssue[] } => {
    const given = (value ?? {}) as Record<K, unknown>;
    const out = {} as Record<K, number>;
    const issues: SchemaIssue[] = [];
    for (const key of keys) {
      out[key] = Number(given[key]);
      if (!Number.isInteger(out[key])) issues.push({ message: "expected a whole number", path: [{ key }] });
    }
    return issues.length > 0 ? { issues } : { value: out };
  };
  const validate = (value: unknown): ReturnType<typeof check> | Promise<ReturnType<typeof check>> =>
    later ? Promise.resolve(check(value)) : check(value);
  return { "~standard": { version: 1, vendor: "test", validate } };
}

const router = new Router().post(
  "/orders/:id",
  endpoint(
    { params: numbers(["id"]), query: numbers(["page"], true), headers: numbers(["x-n"]), body: numbers(["amount"]) },
    (_ctx, { params, query, headers, body, req }) =>
      json([params.id + 1, query.page + 1, headers["x-n"] + 1, body.amount + 1, req.method]),
  ),
);

test("an endpoint is called with what its schemas made", async () => {
  const exchange = new FakeExchange({
    method: "POST",
    url: "/orders/1?page=2",
    headers: { "x-n": "3", "content-type": "application/json; charset=utf-8" },
    body: '{"amount":4}',
  });
  assert.equal((await exchange.call(router.handler())).body, '[2,3,4,5,"POST"]');
});

test("all that is wrong with all parts is listed at once", async () => {
  const exchange = new FakeExchange({
    method: "POST",
    url: "/orders/x?page=y",
    headers: { "content-type": "application/vnd.order+json" },
    body: "{}",
  });
  const err = await exchange.call(router.handler()).then(
    () => assert.fail("it must be refused"),
    (e: unknown) => e,
  );
  assert.ok(err instanceof ValidationFailure);
  assert.deepEqual(
    err.issues.map((issue) => issue.path),
    [["params", "id"], ["query", "page"], ["headers", "x-n"], ["amount"]],
  );
});

test("a body of another type is unsupported, one that is no JSON is bad", async () => {
  const cases = [
    { headers: { "content-type": "text/plain" }, body: "{}", reason: "http/unsupported_media_type" },
    { headers: {}, body: "{}", reason: "http/unsupported_media_type" },
    { headers: { "content-type": "application/json" }, body: "{", reason: "http/bad_json" },
    { headers: { "content-type": "application/json" }, body: "", reason: "http/bad_json" },
  ];
  for (const { headers, body, reason } of cases) {
    const exchange = new FakeExchange({ method: "POST", url: "/orders/1?page=1", headers, body });
    await assert.rejects(exchange.call(router.handler()), { reason, code: "invalid_argument" });
  }
});

test("an endpoint whose schemas do not wait answers without a promise; a repeated query key is a list", () => {
  const raw: StandardSchema = {
    "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) },
  };
  const handler = endpoint({ query: raw }, (_ctx, { query }) => json(query));
  const exchange = new FakeExchange({ url: "/?a=1&a=2&b=3&__proto__=4" });
  const reply = handler(exchange, exchange);
  assert.ok(!(reply instanceof Promise) && !(reply instanceof Response));
  assert.equal(reply.body, '{"a":["1","2"],"b":"3","__proto__":"4"}');
});
