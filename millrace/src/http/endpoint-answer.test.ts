import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { Failure } from "../errors/index.ts";
import { endpoint } from "./endpoint.ts";
import { impliedAnswers } from "./endpoint-answer.ts";
import type { EndpointSpec } from "./endpoint-spec.ts";
import type { Middleware } from "./handler.ts";
import { json, noContent, text } from "./reply.ts";
import { Router } from "./router.ts";
import { middleware } from "./traits.ts";
import { FakeExchange } from "./testing/fake-exchange.ts";

const user = z.object({ id: z.number(), email: z.string().toLowerCase(), tags: z.array(z.string()).default([]) });
const whole = { id: 1, email: "a@b.de", tags: ["x"] };
const responses = {
  200: user,
  204: "nothing",
  206: { description: "a table", type: "text/csv" },
  203: { description: "what happens", events: user },
  404: "no such user",
};

const cases = [
  { name: "an answer as documented", answer: () => json({ tags: ["x"], email: "a@b.de", id: 1 }) },
  { name: "one without a body", answer: () => noContent() },
  { name: "a documented problem", answer: () => fail("not_found"), want: /^Failure: not_found$/ },
  { name: "a failure of the server", answer: () => fail("unavailable"), want: /^Failure: unavailable$/ },
  { name: "a native Response, by its status", answer: () => Response.json({ anything: true }) },
  { name: "a field of another type", answer: () => json({ ...whole, id: "1" }), want: /answer 200 .*: body\.id: / },
  { name: "a field too many", answer: () => json({ ...whole, password: "x" }), want: /body\.password: the schema/ },
  { name: "a field that only a default would give", answer: () => json({ id: 1, email: "a" }), want: /body\.tags: / },
  { name: "a field that the schema would change", answer: () => json({ ...whole, email: "A" }), want: /body\.email: / },
  {
    name: "an item that is not as documented",
    answer: () => json({ ...whole, tags: ["x", 2] }),
    want: /body\.tags\.1/,
  },
  { name: "no JSON", answer: () => text("hello"), want: /answer 200 .* has a schema and is not JSON/ },
  {
    name: "a media type as documented",
    answer: () => Object.assign(text("a,b", { status: 206 }), { type: "text/csv; charset=utf-8" }),
  },
  {
    name: "another media type",
    answer: () => text("a,b", { status: 206 }),
    want: /206 .* it is text\/csv, not text\/plain/,
  },
  { name: "no event stream", answer: () => json({}, { status: 203 }), want: /203 .* it is text\/event-stream, not/ },
  {
    name: "another status",
    answer: () => json({}, { status: 202 }),
    want: /GET \/u: the answer 202 .* list this status/,
  },
  { name: "another problem", answer: () => fail("already_exists"), want: /the answer 409 is not as documented/ },
];

function fail(code: "not_found" | "unavailable" | "already_exists"): never {
  throw new Failure(code, { code });
}

describe("in development", () => {
  const saved = process.env["NODE_ENV"];
  before(() => (process.env["NODE_ENV"] = "development"));
  after(() => {
    if (saved === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = saved;
  });
  for (const { name, answer, want } of cases) {
    test(name, async () => {
      const router = new Router().get("/u", endpoint({ responses }, answer));
      const called = new FakeExchange({ url: "/u" }).call(router.handler());
      if (want === undefined) await called;
      else {
        await assert.rejects(called, (err) => {
          assert.match(String(err), want);
          return true;
        });
      }
    });
  }

  test("an endpoint without responses is not checked", async () => {
    const router = new Router().get(
      "/u",
      endpoint({}, () => json(1, { status: 299 })),
    );
    assert.equal((await new FakeExchange({ url: "/u" }).call(router.handler())).status, 299);
  });
});

test("in production nothing is checked", async () => {
  const saved = process.env["NODE_ENV"];
  delete process.env["NODE_ENV"];
  try {
    const router = new Router().get(
      "/u",
      endpoint({ responses }, () => json({ wrong: true })),
    );
    assert.equal((await new FakeExchange({ url: "/u" }).call(router.handler())).status, 200);
  } finally {
    if (saved !== undefined) process.env["NODE_ENV"] = saved;
  }
});

test("the answers that an endpoint implies are those that can happen to it", () => {
  const limited = middleware({ answers: { 400: "Not this reason.", 429: "Too many requests." } });
  const secured = middleware({ answers: { 401: "No token.", 403: { methods: ["POST"], why: "From another site." } } });
  const cases: { spec: EndpointSpec; pattern?: string; method?: string; around?: Middleware; want: number[] }[] = [
    { spec: {}, want: [500, 503, 504] },
    { spec: {}, pattern: "/u/:id", around: limited, want: [400, 429, 500, 503, 504] },
    { spec: { query: user }, around: secured, want: [400, 401, 500, 503, 504] },
    { spec: { body: user, use: [secured] }, method: "POST", want: [400, 401, 403, 413, 415, 500, 503, 504] },
  ];
  for (const { spec, pattern = "/", method = "GET", around, want } of cases) {
    const route = { method, pattern, middleware: around === undefined ? [] : [around] };
    const implied = impliedAnswers(spec, route);
    assert.deepEqual(
      [...implied.keys()].toSorted((a, b) => a - b),
      want,
    );
    assert.match(implied.get(400) ?? "`issues`", /`issues`/);
  }
});
