import assert from "node:assert/strict";
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { type Ctx, background, ctxKey, sleep, withCancel, withValue } from "millrace/context";
import { type FetchHandler, Router, ctxFrom, json, sse, stream, text } from "millrace/http";
import { type NodeHandler, toNodeHandler } from "millrace/http/node";
import { bearer, bodyLimit, requestId, timeout } from "millrace/middleware";
import { serve } from "millrace/test/http";
import fastify from "fastify";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

// Express has no types of its own; this much of it is used.
interface Express {
  use(path: string, handler: NodeHandler): void;
  use(handler: unknown): void;
  get(path: string, handler: (req: unknown, res: { send(text: string): void }) => void): void;
  (req: unknown, res: unknown): void;
}
const require = createRequire(import.meta.url);
const express = require("express") as (() => Express) & { json(): unknown };

// Its types bring a browser's with them, which would hide Node's in all of the repository.
type Resolver = (root: unknown, args: { to: number }, context: { request: Request }) => unknown;
interface Yoga {
  createSchema(options: { typeDefs: string; resolvers: object }): unknown;
  createYoga(options: { graphqlEndpoint: string; logging: boolean; schema: unknown }): { fetch: FetchHandler };
}
const graphql = require("graphql-yoga") as Yoga;

const KEY = ctxKey<string>("user");

function inner(events: string[]): Router {
  return new Router()
    .use(requestId(), timeout(300), bodyLimit(1000))
    .get("/users/:id", (_ctx, req) => json({ id: req.params.id, search: req.search }))
    .post("/echo", async (_ctx, req) => text(await req.text()))
    .get("/parts", () => stream(ReadableStream.from([Buffer.from("a"), Buffer.from("b")])))
    .get("/late", async (ctx) => {
      await sleep(ctx, 60_000);
      return text("never");
    })
    .with(timeout(0))
    .get("/forever", async (ctx) => {
      events.push("begun");
      await sleep(ctx, 60_000).catch(() => events.push("canceled"));
      return text("never");
    });
}

async function until(check: () => boolean): Promise<void> {
  for (const end = performance.now() + 5000; !check();) {
    assert.ok(performance.now() < end, "not in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function open(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Host {
  readonly url: string;
  close(): Promise<void>;
}

const hosts: Record<string, (handler: NodeHandler) => Promise<Host>> = {
  "node:http": async (handler) => {
    const server = createServer((req, res) => {
      if (req.url === "/own") {
        res.end("own");
        return;
      }
      res.setHeader("x-host", "yes");
      req.url = req.url!.replace("/api", "");
      handler(req, res);
    });
    const url = await open(server);
    return { url, close: async () => server.close().closeAllConnections() };
  },
  express: async (handler) => {
    const app = express();
    app.use((_req: unknown, res: { setHeader(name: string, value: string): void }, next: () => void) => {
      res.setHeader("x-host", "yes");
      next();
    });
    app.use("/api", handler);
    app.use(express.json());
    app.get("/own", (_req, res) => res.send("own"));
    const server = createServer(app);
    const url = await open(server);
    return { url, close: async () => server.close().closeAllConnections() };
  },
  fastify: async (handler) => {
    const app = fastify({ forceCloseConnections: true });
    app.get("/own", async () => "own");
    await app.register(
      async (scope) => {
        // The body is the router's to read.
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser("*", (_req, _payload, done) => done(null));
        scope.all("/*", (req, reply) => {
          reply.hijack();
          reply.raw.setHeader("x-host", "yes");
          req.raw.url = req.raw.url!.replace("/api", "");
          handler(req.raw, reply.raw);
        });
      },
      { prefix: "/api" },
    );
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    return { url, close: () => app.close() };
  },
};

for (const [name, openHost] of Object.entries(hosts)) {
  test(`a router serves inside ${name}`, { timeout: 30_000 }, async () => {
    const events: string[] = [];
    const ctx = withCancel(background);
    const log = { error: () => undefined };
    await using handler = toNodeHandler(ctx, inner(events), { log, idleGraceMs: 0 });
    const host = await openHost(handler);
    try {
      const call = async (path: string, init?: RequestInit): Promise<[number, string]> => {
        const res = await fetch(host.url + path, init);
        return [res.status, await res.text()];
      };
      const first = await fetch(`${host.url}/api/users/1?a=b`);
      assert.deepEqual(await first.json(), { id: "1", search: "?a=b" });
      assert.equal(first.headers.get("x-host"), "yes", "what the host has set is sent along");
      assert.ok(first.headers.has("x-request-id"));
      assert.deepEqual(await call("/own"), [200, "own"]);
      const post = (body: string): RequestInit => ({
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
      });
      assert.deepEqual(await call("/api/echo", post('{"a":1}')), [200, '{"a":1}']);
      assert.equal((await call("/api/echo", post("x".repeat(1001))))[0], 413);
      assert.deepEqual(await call("/api/parts"), [200, "ab"]);
      assert.equal((await call("/api/nope"))[0], 404);
      assert.equal((await call("/api/late"))[0], 504);
      const browser = new AbortController();
      const gone = fetch(`${host.url}/api/forever`, { signal: browser.signal });
      await until(() => events.length === 1);
      browser.abort();
      await assert.rejects(gone);
      await until(() => events.length === 2);
      assert.deepEqual(events, ["begun", "canceled"]);
      ctx.cancel();
      assert.equal((await call("/api/users/1"))[0], 503);
      assert.deepEqual(await call("/own"), [200, "own"]);
    } finally {
      await host.close();
    }
  });
}

test("a body that the host has read is a clear error, and no wait", async () => {
  const logged: string[] = [];
  const log = {
    error: (_ctx: Ctx, _message: string, attrs?: Readonly<Record<string, unknown>>) =>
      void logged.push(String(attrs?.["err"])),
  };
  await using handler = toNodeHandler(background, inner([]), { log, idleGraceMs: 0 });
  const app = express();
  app.use(express.json());
  app.use("/api", handler);
  const server = createServer(app);
  const url = await open(server);
  try {
    const res = await fetch(`${url}/api/echo`, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    assert.equal(res.status, 500);
    assert.match(logged.join(), /must come before body parsers/);
  } finally {
    server.close().closeAllConnections();
  }
});

test("mount serves a Hono app unchanged", { timeout: 30_000 }, async () => {
  const events: string[] = [];
  const hono = new Hono().basePath("/hono");
  hono.get("/users/:id", (c) => c.json({ id: c.req.param("id"), user: ctxFrom(c.req.raw).get(KEY) }));
  hono.post("/echo", async (c) => c.text(await c.req.text()));
  hono.get("/events", (c) =>
    streamSSE(c, async (stream) => {
      await stream.writeSSE({ data: "1" });
      await stream.writeSSE({ data: "2" });
    }),
  );
  hono.get("/forever", async (c) => {
    events.push("begun");
    await sleep(ctxFrom(c.req.raw), 60_000).catch(() => events.push("canceled"));
    events.push(String(c.req.raw.signal.aborted));
    return c.text("never");
  });
  hono.get("/stream-forever", (c) =>
    streamSSE(c, async (stream) => {
      stream.onAbort(() => void events.push("aborted"));
      while (!stream.aborted) await stream.writeSSE({ data: "x".repeat(10_000) });
    }),
  );
  hono.get("/late", async (c) => {
    await sleep(ctxFrom(c.req.raw), 60_000);
    return c.text("never");
  });
  hono.onError((err) => {
    throw err;
  });
  const router = new Router()
    .use(
      timeout(1000),
      bearer(KEY, (_ctx, token) => token),
    )
    .mount("/hono", (request) => hono.fetch(request));
  await using up = await serve(background, router, { network: true });
  const headers = { authorization: "Bearer john" };
  const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(up.url + path, { ...init, headers });
  assert.deepEqual(await (await call("/hono/users/1")).json(), { id: "1", user: "john" });
  assert.equal(
    await (await call("/hono/echo", { method: "POST", body: "x".repeat(100_000) })).text(),
    "x".repeat(100_000),
  );
  assert.equal(await (await call("/hono/events")).text(), "data: 1\n\ndata: 2\n\n");
  assert.equal((await call("/hono/nope")).status, 404);
  assert.equal((await call("/hono/late")).status, 504);
  for (const [path, want] of [
    ["/hono/forever", ["begun", "canceled", "true"]],
    ["/hono/stream-forever", ["aborted"]],
  ] as const) {
    events.length = 0;
    const browser = new AbortController();
    const gone = call(path, { signal: browser.signal });
    if (path === "/hono/forever") await until(() => events.length === 1);
    else await gone;
    browser.abort();
    await gone.catch(() => undefined);
    await until(() => events.length === want.length);
    assert.deepEqual(events, want);
  }
});

test("mount serves graphql-yoga unchanged", { timeout: 30_000 }, async () => {
  const events: string[] = [];
  const yoga = graphql.createYoga({
    graphqlEndpoint: "/graphql",
    logging: false,
    schema: graphql.createSchema({
      typeDefs: "type Query { user: String, slow: String } type Subscription { count(to: Int!): Int }",
      resolvers: {
        Query: {
          user: ((_root, _args, { request }) => ctxFrom(request).get(KEY)) satisfies Resolver,
          slow: (async (_root, _args, { request }) => {
            events.push("begun");
            await sleep(ctxFrom(request), 60_000).catch(() => events.push("canceled"));
          }) satisfies Resolver,
        },
        Subscription: {
          count: {
            subscribe: async function* (_root: unknown, { to }: { to: number }) {
              for (let i = 1; i <= to; i++) yield { count: i };
            },
          },
        },
      },
    }),
  });
  const router = new Router()
    .use((next) => (ctx, req) => next(withValue(ctx, KEY, "john"), req))
    .mount("/graphql", (request) => yoga.fetch(request));
  await using up = await serve(background, router, { network: true });
  const ask = (query: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${up.url}/graphql`, {
      method: "POST",
      body: JSON.stringify({ query }),
      ...init,
      headers: { "content-type": "application/json", ...(init.headers as Record<string, string>) },
    });
  assert.deepEqual(await (await ask("{ user }")).json(), { data: { user: "john" } });
  assert.equal((await ask("{ nope }")).status, 200);
  const subscription = await ask("subscription { count(to: 3) }", { headers: { accept: "text/event-stream" } });
  assert.deepEqual(
    [...(await subscription.text()).matchAll(/"count":(\d)/g)].map((m) => m[1]),
    ["1", "2", "3"],
  );
  const browser = new AbortController();
  const gone = ask("{ slow }", { signal: browser.signal });
  await until(() => events.length === 1);
  browser.abort();
  await assert.rejects(gone);
  await until(() => events.length === 2);
  assert.deepEqual(events, ["begun", "canceled"]);
});

test("an event stream of ours inside of Express reaches the page as it is made", { timeout: 30_000 }, async () => {
  const go = Promise.withResolvers<void>();
  const router = new Router().get("/", (ctx) =>
    sse(
      ctx,
      (async function* () {
        yield { data: "1" };
        await go.promise;
        yield { data: "2" };
      })(),
    ),
  );
  await using handler = toNodeHandler(background, router, { idleGraceMs: 0 });
  const app = express();
  app.use("/events", handler);
  const server = createServer(app);
  const url = await open(server);
  try {
    const res = await fetch(`${url}/events`);
    let got = "";
    for await (const chunk of res.body!) {
      got += Buffer.from(chunk).toString();
      if (got.includes("data: 1")) go.resolve();
    }
    assert.equal(got, ":\n\ndata: 1\n\ndata: 2\n\n");
  } finally {
    server.close().closeAllConnections();
  }
});
