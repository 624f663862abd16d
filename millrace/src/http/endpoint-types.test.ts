import assert from "node:assert/strict";
import { test } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { endpoint } from "./endpoint.ts";
import { provide } from "./provide.ts";
import { json } from "./reply.ts";
import { Router } from "./router.ts";
import { FakeExchange } from "./testing/fake-exchange.ts";

interface User {
  readonly name: string;
}
const requireUser = provide("user", (_ctx, req): User => ({ name: req.header("x-user") ?? "nobody" }));
const requireTenant = provide("tenant", async () => 7);

const get = async (router: Router, url: string): Promise<unknown> => {
  const exchange = new FakeExchange({ url, headers: { "x-user": "Ada" } });
  return JSON.parse(String((await exchange.call(router.handler())).body));
};

test("what middleware provides is in the input, under its name and with its type", async () => {
  const router = new Router().get(
    "/",
    endpoint({ use: [requireUser, requireTenant] }, (_ctx, { user, tenant }) => json([user.name, tenant + 1])),
  );
  assert.deepEqual(await get(router, "/"), ["Ada", 8]);
  // @ts-expect-error: nobody provides it
  endpoint({ use: [requireUser] }, (_ctx, { tenant }) => json(tenant));
  assert.throws(() => endpoint({ use: [requireUser, requireUser] }, () => json(1)), /two things are called "user"/);
  assert.throws(() => endpoint({ use: [provide("body", () => 1)] }, () => json(1)), /two things are called "body"/);
});

test("a provider around a scope gives its value to every handler there", async () => {
  const router = new Router().route("/in", (r) => {
    r.use(requireUser);
    r.get("/x", (ctx) => json(requireUser.provides.get(ctx).name.length));
  });
  assert.deepEqual(await get(router, "/in/x"), 3);
});

test("path parameters have the types of the pattern, and then of the schema", async () => {
  const router = new Router();
  router.get(
    "/plain/:id",
    endpoint({}, (_ctx, { params, req }) => {
      const [id, same]: [string, string] = [params.id, req.params.id];
      return json([id, same]);
    }),
  );
  router.get(
    "/valid/:id",
    endpoint({ params: z.object({ id: z.coerce.number().int() }) }, (_ctx, { params }) => json(params.id + 1)),
  );
  router.get(
    "/other/:uid",
    // @ts-expect-error: the pattern has no id
    endpoint({ params: z.object({ id: z.string() }) }, (_ctx, { params }) => json(params.id)),
  );
  router.get(
    "/text/:id",
    // @ts-expect-error: a path has texts, not numbers
    endpoint({ params: z.object({ id: z.number() }) }, (_ctx, { params }) => json(params.id)),
  );
  assert.deepEqual(await get(router, "/plain/a%20b"), ["a b", "a b"]);
  assert.deepEqual(await get(router, "/valid/41"), 42);
});

test("the parameters of a prefix are known inside of it, also in a function that adds routes there", async () => {
  const members = (r: Router<{ org: string }>): void => {
    r.get(
      "/members/:id",
      endpoint({ params: z.object({ org: z.string(), id: z.string() }) }, (_ctx, { params }) =>
        json([params.org, params.id]),
      ),
    );
  };
  const router = new Router().route("/orgs/:org", (r) => {
    members(r);
    r.get(
      "/",
      endpoint({}, (_ctx, { params }) => json(params.org.length)),
    );
  });
  // @ts-expect-error: this prefix has no org
  new Router().route("/teams/:team", members);
  assert.deepEqual(await get(router, "/orgs/x/members/1"), ["x", "1"]);
  assert.deepEqual(await get(router, "/orgs/abc"), 3);
});

const shapes = [
  { name: "zod", query: z.object({ n: z.coerce.number().int() }) },
  {
    name: "valibot",
    query: v.object({ n: v.pipe(v.string(), v.transform(Number), v.integer("Invalid input: n is no whole number")) }),
  },
  { name: "arktype", query: type({ n: "string.integer.parse" }) },
];
for (const { name, query } of shapes) {
  test(`${name} validates and gives the type`, async () => {
    const router = new Router().get(
      "/",
      endpoint({ query }, (_ctx, { query: { n } }) => json(n + 1)),
    );
    assert.deepEqual(await get(router, "/?n=41"), 42);
    await assert.rejects(get(router, "/?n=x"), (err: { issues: { path: string[] }[] }) => {
      assert.deepEqual(err.issues[0]?.path, ["query", "n"]);
      return true;
    });
  });
}

const lists = [
  { name: "zod", query: z.object({ tag: z.array(z.string()).default([]), n: z.string() }) },
  {
    name: "a named schema of zod",
    query: z.object({ tag: z.array(z.string()), n: z.string() }).meta({ id: "Listed" }),
  },
  { name: "arktype", query: type({ tag: "string[]", n: "string" }) },
];
for (const { name, query } of lists) {
  test(`a list of ${name} is a list when its key stands once, too`, async () => {
    const router = new Router().get(
      "/",
      endpoint({ query }, (_ctx, { query: { tag, n } }) => json([tag, n])),
    );
    assert.deepEqual(await get(router, "/?tag=a&n=1"), [["a"], "1"]);
    assert.deepEqual(await get(router, "/?tag=a&tag=b&n=1"), [["a", "b"], "1"]);
  });
}

test("a list of a library without JSON Schema accepts one text by itself", async () => {
  const text = v.string();
  const query = v.object({
    tag: v.union([
      v.array(text),
      v.pipe(
        text,
        v.transform((one) => [one]),
      ),
    ]),
  });
  const router = new Router().get(
    "/",
    endpoint({ query }, (_ctx, { query: { tag } }) => json(tag)),
  );
  assert.deepEqual(await get(router, "/?tag=a"), ["a"]);
});
