import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import type { Handler, Middleware } from "./handler.ts";
import { type Reply, json, text } from "./reply.ts";
import { Router } from "./router.ts";
import { FakeExchange, type FakeRequest } from "./testing/fake-exchange.ts";
import { middleware } from "./traits.ts";

const named =
  (name: string): Handler =>
  (_ctx, req) =>
    json({ name, params: req.params, pattern: req.pattern });

async function ask(router: Router, request: FakeRequest): Promise<Reply> {
  return new FakeExchange(request).call(router.handler());
}

function bodyOf(reply: Reply): Record<string, unknown> {
  return JSON.parse(String(reply.body)) as Record<string, unknown>;
}

test("the router finds the most specific route, whatever the order", async (t) => {
  const router = new Router()
    .get("/", named("root"))
    .get("/users/:id", named("user"))
    .get("/users/me", named("me"))
    .get("/users/:id/posts/:post", named("post"))
    .get("/files/**:rest", named("files"))
    .handle("/any", named("any"))
    .get("/orders/:id(\\d+)", named("order"));
  const cases = [
    { url: "/", name: "root", params: {} },
    { url: "/users/42", name: "user", params: { id: "42" } },
    { url: "/users/42?x=1", name: "user", params: { id: "42" } },
    { url: "/users/42/", name: "user", params: { id: "42" } },
    { url: "/users/me", name: "me", params: {} },
    { url: "/users/a%20b%2Fc", name: "user", params: { id: "a b/c" } },
    { url: "/users/1/posts/2", name: "post", params: { id: "1", post: "2" } },
    { url: "/files/a/b.txt", name: "files", params: { rest: "a/b.txt" } },
    { url: "/orders/7", name: "order", params: { id: "7" } },
    { url: "http://elsewhere.example/users/9?q", name: "user", params: { id: "9" } },
  ];
  for (const { url, name, params } of cases) {
    await t.test(url, async () => {
      const got = bodyOf(await ask(router, { url }));
      assert.equal(got["name"], name);
      assert.deepEqual(got["params"], params);
    });
  }
  for (const method of ["GET", "PUT", "DELETE"]) {
    await t.test(`${method} /any`, async () => assert.equal((await ask(router, { method, url: "/any" })).status, 200));
  }
  for (const url of ["/nope", "/users", "/users//posts/1", "/orders/x"]) {
    await t.test(`${url} is not found`, async () => {
      await assert.rejects(ask(router, { url }), { code: "not_found", reason: "http/not_found" });
    });
  }
});

test("a broken escape in a parameter is a 400 when the parameter is read", async () => {
  const router = new Router().get("/users/:id", named("user"));
  await assert.rejects(ask(router, { url: "/users/%zz" }), {
    code: "invalid_argument",
    reason: "http/bad_path_escape",
  });
});

test("a wrong method is a 405 with Allow, OPTIONS a 204 with Allow, HEAD is GET", async (t) => {
  const router = new Router()
    .get("/users/:id", named("get"))
    .delete("/users/:id", named("delete"))
    .post("/users/me", named("me"));
  const cases = [
    { method: "POST", url: "/users/1", status: 405, allow: "DELETE, GET, HEAD, OPTIONS" },
    { method: "OPTIONS", url: "/users/1", status: 204, allow: "DELETE, GET, HEAD, OPTIONS" },
    { method: "PUT", url: "/users/me", status: 405, allow: "DELETE, GET, HEAD, OPTIONS, POST" },
    { method: "HEAD", url: "/users/1", status: 200, allow: undefined },
    { method: "GET", url: "/users/me", status: 200, allow: undefined },
    { method: "OPTIONS", url: "*", status: 204, allow: undefined },
  ];
  for (const { method, url, status, allow } of cases) {
    await t.test(`${method} ${url}`, async () => {
      const reply = await ask(router, { method, url });
      assert.equal(reply.status, status);
      assert.equal(reply.head?.[1], allow);
    });
  }
});

test("routes that cannot be told apart are refused when they are added", async (t) => {
  const cases: { first: string; second: string; want: RegExp | undefined }[] = [
    { first: "/users/:id", second: "/users/:name", want: /GET \/users\/:name matches the same paths as \/users\/:id/ },
    { first: "/users/:id", second: "/users/:id/", want: /same paths/ },
    { first: "/a/:x/c", second: "/a/b/:y", want: /ambiguous with \/a\/:x\/c/ },
    { first: "/users/:id", second: "/users/me", want: undefined },
    { first: "/u/:id(\\d+)", second: "/u/:slug([a-z]+)", want: undefined },
    { first: "/**", second: "/a/b", want: undefined },
  ];
  for (const { first, second, want } of cases) {
    await t.test(`${first} and ${second}`, () => {
      const add = (): Router => new Router().get(first, named("1")).get(second, named("2"));
      if (want === undefined) add();
      else assert.throws(add, want);
      // Of another method the same pattern is no conflict.
      new Router().get(first, named("1")).post(second, named("2"));
    });
  }
  assert.throws(() => new Router().get("users", named("1")), /must start with/);
});

test("middleware runs from the outermost scope inwards, and around the answers of the router itself", async () => {
  const seen: string[] = [];
  const mark =
    (name: string): Middleware =>
    (next) =>
    (ctx, req) => {
      seen.push(name);
      return next(ctx, req);
    };
  const router = new Router().use(mark("root")).get("/plain", named("plain"));
  router.with(mark("with")).get("/with", named("with"));
  router.route("/api", (api) => {
    api.use(mark("api"));
    api.get("/x", named("x"));
    api.route("/deep/:id", (deep) => deep.use(mark("deep")).get("/y", named("y")));
  });
  const cases: [FakeRequest, string[]][] = [
    [{ url: "/plain" }, ["root"]],
    [{ url: "/with" }, ["root", "with"]],
    [{ url: "/api/x" }, ["root", "api"]],
    [{ url: "/api/deep/1/y" }, ["root", "api", "deep"]],
    [{ url: "/api/x", method: "POST" }, ["root", "api"]],
    [{ url: "/nope" }, ["root"]],
  ];
  for (const [request, want] of cases) {
    seen.length = 0;
    await ask(router, request).catch(() => undefined);
    assert.deepEqual(seen, want, `${request.method ?? "GET"} ${request.url ?? ""}`);
  }
  assert.deepEqual(
    router.routes().map(({ method, pattern, middleware }) => [method, pattern, middleware.length]),
    [
      ["GET", "/plain", 1],
      ["GET", "/with", 2],
      ["GET", "/api/x", 2],
      ["GET", "/api/deep/:id/y", 3],
    ],
  );
  assert.throws(() => router.use(mark("late")), /must come before the routes/);
});

test("traits are merged into the route, the innermost deadline and limit count, and by hand they are not lost", async () => {
  const outer = middleware({ headers: { "X-A": "1", vary: "origin" }, deadlineMs: 5000, bodyLimit: 10 });
  const inner = middleware({ headers: { "x-a": "2", vary: "accept" }, deadlineMs: 2000, bodyLimit: 20 });
  const router = new Router().use(outer);
  router.with(inner).get("/x", named("x"));
  const exchange = new FakeExchange({ url: "/x" });
  await exchange.call(router.handler());
  assert.equal(exchange.traits.block, "x-a: 2\r\nvary: origin\r\nvary: accept\r\n");
  assert.equal(exchange.bodyLimit, 20);
  assert.ok(Math.abs(exchange.deadlineAt - Date.now() - 2000) < 500);

  const byHand = new FakeExchange({ url: "/x" });
  await byHand.call(outer(inner(named("x"))));
  assert.deepEqual(byHand.head, ["x-a", "2", "vary", "origin", "vary", "accept"]);
  assert.equal(byHand.bodyLimit, 20);
  assert.throws(() => middleware({ headers: { "x-bad": "a\r\nb: c" } }), { reason: "http/bad_header" });
});

test("mount gives a fetch-style application everything under its prefix", async () => {
  const router = new Router().mount(
    "/app",
    (request) => new Response(`${request.method} ${new URL(request.url).pathname}`),
  );
  for (const [method, url] of [
    ["GET", "/app"],
    ["POST", "/app/a/b"],
  ] as const) {
    const reply = await ask(router, { method, url });
    // A Response's body is a stream.
    const body = await new Response(reply.body as ReadableStream).text();
    assert.equal(body, `${method} ${url}`);
  }
  await assert.rejects(ask(router, { url: "/apple" }), { code: "not_found" });
});

test("where code must not be made from text, routes are found all the same", async () => {
  const router = new URL("router.ts", import.meta.url).href;
  const fake = new URL("testing/fake-exchange.ts", import.meta.url).href;
  const script =
    `import { Router } from ${JSON.stringify(router)}; import { FakeExchange } from ${JSON.stringify(fake)};` +
    `const h = new Router().get("/a/:b", (_ctx, req) => new Response(req.params.b)).handler();` +
    `const reply = await new FakeExchange({ url: "/a/%41" }).call(h); console.log(await new Response(reply.body).text());`;
  const args = ["--disallow-code-generation-from-strings", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  assert.equal(stdout, "A\n");
});

test("parameters are typed by the pattern; and by the prefixes around it", () => {
  new Router().get("/users/:id", (_ctx, req) => {
    const id: string = req.params.id;
    // @ts-expect-error the pattern has no such parameter, so it may be missing
    const name: string = req.params["name"];
    return text(id + name);
  });
  new Router().route("/users/:user", (r) =>
    r.get("/posts/:post", (_ctx, req) => {
      const { user, post }: { user: string; post: string } = req.params;
      return text(`${user}${post}`);
    }),
  );
});

test("the router agrees with a naive matcher", async () => {
  const segment = fc.constantFrom("a", "b", ":x", ":y");
  const pattern = fc.array(segment, { minLength: 1, maxLength: 4 }).map(
    (all) =>
      // A name may stand once in a pattern.
      `/${all.map((s, i) => (s.startsWith(":") ? `${s}${i}` : s)).join("/")}`,
  );
  const path = fc
    .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 })
    .map((all) => `/${all.join("/")}`);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(pattern, { maxLength: 8 }),
      fc.array(path, { minLength: 8, maxLength: 8 }),
      async (patterns, paths) => {
        const router = new Router();
        const kept: string[] = [];
        for (const p of patterns) {
          try {
            router.get(p, named(p));
            kept.push(p);
          } catch {
            // Ambiguous with one that is kept; then it may not be there at all.
          }
        }
        for (const url of paths) {
          const want = naive(kept, url);
          const got = await ask(router, { url }).then(
            (reply) => bodyOf(reply)["name"],
            () => undefined,
          );
          assert.equal(got, want, `${url} in ${kept.join(" ")}`);
        }
      },
    ),
    { numRuns: 300 },
  );
});

// Of all that match, the one with the first literal segment where they differ: there is one, as ambiguous ones are refused.
function naive(patterns: readonly string[], path: string): string | undefined {
  const parts = path.split("/");
  const fits = (p: string): boolean => {
    const wanted = p.split("/");
    return wanted.length === parts.length && wanted.every((s, i) => s.startsWith(":") || s === parts[i]);
  };
  const rank = (p: string): string =>
    p
      .split("/")
      .map((s) => (s.startsWith(":") ? "1" : "0"))
      .join("");
  return patterns.filter(fits).toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))[0];
}
